// Original file: proto/pgsvc/v1/admin.proto

import type { PublishOptions as _pgsvc_v1_PublishOptions, PublishOptions__Output as _pgsvc_v1_PublishOptions__Output } from '../../pgsvc/v1/PublishOptions.ts';

/**
 * A publish.
 */
export interface PublishRequest {
  /**
   * Cluster, inventory group, provider group, host, glob, or several joined as in Ansible (":", ",", "&", "!").
   */
  'pattern'?: (string);
  /**
   * Only these nodes (inventory names, addresses). Empty: all that serve the pattern.
   */
  'nodes'?: (string)[];
  /**
   * How.
   */
  'options'?: (_pgsvc_v1_PublishOptions | null);
}

/**
 * A publish.
 */
export interface PublishRequest__Output {
  /**
   * Cluster, inventory group, provider group, host, glob, or several joined as in Ansible (":", ",", "&", "!").
   */
  'pattern': (string);
  /**
   * Only these nodes (inventory names, addresses). Empty: all that serve the pattern.
   */
  'nodes': (string)[];
  /**
   * How.
   */
  'options': (_pgsvc_v1_PublishOptions__Output | null);
}
