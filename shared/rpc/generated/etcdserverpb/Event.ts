// Original file: proto/etcd/v3/etcd.proto

import type { KeyValue as _etcdserverpb_KeyValue, KeyValue__Output as _etcdserverpb_KeyValue__Output } from '../etcdserverpb/KeyValue.ts';

// Original file: proto/etcd/v3/etcd.proto

/**
 * What happened to the key.
 */
export const _etcdserverpb_Event_EventType = {
  /**
   * It was written.
   */
  PUT: 'PUT',
  /**
   * It was removed, or its lease ended.
   */
  DELETE: 'DELETE',
} as const;

/**
 * What happened to the key.
 */
export type _etcdserverpb_Event_EventType =
  /**
   * It was written.
   */
  | 'PUT'
  | 0
  /**
   * It was removed, or its lease ended.
   */
  | 'DELETE'
  | 1

/**
 * What happened to the key.
 */
export type _etcdserverpb_Event_EventType__Output = typeof _etcdserverpb_Event_EventType[keyof typeof _etcdserverpb_Event_EventType]

/**
 * One change.
 */
export interface Event {
  /**
   * What happened.
   */
  'type'?: (_etcdserverpb_Event_EventType);
  /**
   * The key, and the value it has now.
   */
  'kv'?: (_etcdserverpb_KeyValue | null);
}

/**
 * One change.
 */
export interface Event__Output {
  /**
   * What happened.
   */
  'type': (_etcdserverpb_Event_EventType__Output);
  /**
   * The key, and the value it has now.
   */
  'kv': (_etcdserverpb_KeyValue__Output | null);
}
