// Original file: proto/etcd/v3/etcd.proto


/**
 * One key.
 */
export interface KeyValue {
  /**
   * The key; Patroni's are paths of UTF-8 text.
   */
  'key'?: (Buffer | Uint8Array | string);
  /**
   * Its value; empty in the event of a removal.
   */
  'value'?: (Buffer | Uint8Array | string);
}

/**
 * One key.
 */
export interface KeyValue__Output {
  /**
   * The key; Patroni's are paths of UTF-8 text.
   */
  'key': (Buffer);
  /**
   * Its value; empty in the event of a removal.
   */
  'value': (Buffer);
}
