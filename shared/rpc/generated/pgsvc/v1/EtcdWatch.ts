// Original file: proto/pgsvc/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

/**
 * The watch of Patroni's etcd. Without it leader changes are learnt from the agents alone.
 */
export interface EtcdWatch {
  /**
   * It is watched now.
   */
  'watching'?: (boolean);
  /**
   * Since when it is, or is not; milliseconds since 1970.
   */
  'sinceMs'?: (number | string | Long);
  /**
   * The member that is watched, host:port; empty when none is.
   */
  'endpoint'?: (string);
  /**
   * Clusters that have a leader there.
   */
  'leaders'?: (number);
  /**
   * Why it is not watched; empty while the first attempt is under way.
   */
  'reason'?: (string);
}

/**
 * The watch of Patroni's etcd. Without it leader changes are learnt from the agents alone.
 */
export interface EtcdWatch__Output {
  /**
   * It is watched now.
   */
  'watching': (boolean);
  /**
   * Since when it is, or is not; milliseconds since 1970.
   */
  'sinceMs': (number);
  /**
   * The member that is watched, host:port; empty when none is.
   */
  'endpoint': (string);
  /**
   * Clusters that have a leader there.
   */
  'leaders': (number);
  /**
   * Why it is not watched; empty while the first attempt is under way.
   */
  'reason': (string);
}
