// Original file: proto/pgsvc/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Something that somebody did, or was refused.
 */
export interface AuditRecord {
  /**
   * Grows with each record.
   */
  'id'?: (number | string | Long);
  /**
   * When it was first so, milliseconds since 1970.
   */
  'atMs'?: (number | string | Long);
  /**
   * When it was last so; the same again within a minute is counted and not told again.
   */
  'lastMs'?: (number | string | Long);
  /**
   * How often.
   */
  'times'?: (number);
  /**
   * Who, by certificate or by the kernel: "operator ann", "node 10.10.10.11", "uid 0 (root)", "nobody".
   */
  'who'?: (string);
  /**
   * What the caller says of itself, which nobody has checked; may be empty.
   */
  'claimed'?: (string);
  /**
   * From where: an address, or the socket.
   */
  'origin'?: (string);
  /**
   * What: the method, or "handshake".
   */
  'what'?: (string);
  /**
   * With what: names of owners, nodes, patterns; never contents.
   */
  'detail'?: (string);
  /**
   * "ok", "refused: ...", "failed: ...".
   */
  'outcome'?: (string);
}

/**
 * Something that somebody did, or was refused.
 */
export interface AuditRecord__Output {
  /**
   * Grows with each record.
   */
  'id': (number);
  /**
   * When it was first so, milliseconds since 1970.
   */
  'atMs': (number);
  /**
   * When it was last so; the same again within a minute is counted and not told again.
   */
  'lastMs': (number);
  /**
   * How often.
   */
  'times': (number);
  /**
   * Who, by certificate or by the kernel: "operator ann", "node 10.10.10.11", "uid 0 (root)", "nobody".
   */
  'who': (string);
  /**
   * What the caller says of itself, which nobody has checked; may be empty.
   */
  'claimed': (string);
  /**
   * From where: an address, or the socket.
   */
  'origin': (string);
  /**
   * What: the method, or "handshake".
   */
  'what': (string);
  /**
   * With what: names of owners, nodes, patterns; never contents.
   */
  'detail': (string);
  /**
   * "ok", "refused: ...", "failed: ...".
   */
  'outcome': (string);
}
