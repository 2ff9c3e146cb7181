// Original file: proto/pgsvc/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

/**
 * One owner on one node.
 */
export interface OwnerNodeStatus {
  /**
   * The node.
   */
  'node'?: (string);
  /**
   * Assigned revision; 0 when the assignment has ended but the files are still there.
   */
  'assigned'?: (number | string | Long);
  /**
   * Revision that runs, by the node's last word; 0 for none.
   */
  'running'?: (number | string | Long);
  /**
   * Leader whose variant runs.
   */
  'leader'?: (string);
  /**
   * Leader whose variant is to run here; that of a node that by its own policy does not follow is the one that runs. Empty
   * from controllers of before: then the owner's.
   */
  'wantedLeader'?: (string);
}

/**
 * One owner on one node.
 */
export interface OwnerNodeStatus__Output {
  /**
   * The node.
   */
  'node': (string);
  /**
   * Assigned revision; 0 when the assignment has ended but the files are still there.
   */
  'assigned': (number);
  /**
   * Revision that runs, by the node's last word; 0 for none.
   */
  'running': (number);
  /**
   * Leader whose variant runs.
   */
  'leader': (string);
  /**
   * Leader whose variant is to run here; that of a node that by its own policy does not follow is the one that runs. Empty
   * from controllers of before: then the owner's.
   */
  'wantedLeader': (string);
}
