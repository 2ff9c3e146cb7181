// Original file: proto/pgsvc/v1/model.proto

import type { FileRef as _pgsvc_v1_FileRef, FileRef__Output as _pgsvc_v1_FileRef__Output } from '../../pgsvc/v1/FileRef.ts';

/**
 * A cluster's files as they are when one instance leads.
 */
export interface Variant {
  /**
   * Instance that leads, e.g. "pg-test-1". Empty for an owner without a leader (haproxy_services).
   */
  'leader'?: (string);
  /**
   * The files, sorted by name. Variants share FileRefs wherever the text is the same.
   */
  'files'?: (_pgsvc_v1_FileRef)[];
}

/**
 * A cluster's files as they are when one instance leads.
 */
export interface Variant__Output {
  /**
   * Instance that leads, e.g. "pg-test-1". Empty for an owner without a leader (haproxy_services).
   */
  'leader': (string);
  /**
   * The files, sorted by name. Variants share FileRefs wherever the text is the same.
   */
  'files': (_pgsvc_v1_FileRef__Output)[];
}
