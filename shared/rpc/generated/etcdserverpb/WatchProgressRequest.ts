// Original file: proto/etcd/v3/etcd.proto


/**
 * Asks for an answer without changes: a sign of life.
 */
export interface WatchProgressRequest {
}

/**
 * Asks for an answer without changes: a sign of life.
 */
export interface WatchProgressRequest__Output {
}
