// Original file: proto/pgsvc/v1/admin.proto

import type { OwnerStatus as _pgsvc_v1_OwnerStatus, OwnerStatus__Output as _pgsvc_v1_OwnerStatus__Output } from '../../pgsvc/v1/OwnerStatus.ts';
import type { NodeStatus as _pgsvc_v1_NodeStatus, NodeStatus__Output as _pgsvc_v1_NodeStatus__Output } from '../../pgsvc/v1/NodeStatus.ts';
import type { EtcdWatch as _pgsvc_v1_EtcdWatch, EtcdWatch__Output as _pgsvc_v1_EtcdWatch__Output } from '../../pgsvc/v1/EtcdWatch.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * The state of things.
 */
export interface StatusResponse {
  /**
   * Every owner that has a revision.
   */
  'owners'?: (_pgsvc_v1_OwnerStatus)[];
  /**
   * Every node that has an assignment or is connected.
   */
  'nodes'?: (_pgsvc_v1_NodeStatus)[];
  /**
   * Version of the controller.
   */
  'controllerVersion'?: (string);
  /**
   * Whether the controller watches Patroni's etcd; absent when its configuration names none.
   */
  'etcd'?: (_pgsvc_v1_EtcdWatch | null);
  /**
   * Until when the controller's own certificate is valid, milliseconds since 1970.
   */
  'certificateNotAfterMs'?: (number | string | Long);
  /**
   * What is wrong with the controller itself, one phrase each.
   */
  'problems'?: (string)[];
}

/**
 * The state of things.
 */
export interface StatusResponse__Output {
  /**
   * Every owner that has a revision.
   */
  'owners': (_pgsvc_v1_OwnerStatus__Output)[];
  /**
   * Every node that has an assignment or is connected.
   */
  'nodes': (_pgsvc_v1_NodeStatus__Output)[];
  /**
   * Version of the controller.
   */
  'controllerVersion': (string);
  /**
   * Whether the controller watches Patroni's etcd; absent when its configuration names none.
   */
  'etcd': (_pgsvc_v1_EtcdWatch__Output | null);
  /**
   * Until when the controller's own certificate is valid, milliseconds since 1970.
   */
  'certificateNotAfterMs': (number);
  /**
   * What is wrong with the controller itself, one phrase each.
   */
  'problems': (string)[];
}
