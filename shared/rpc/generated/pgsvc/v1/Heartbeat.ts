// Original file: proto/pgsvc/v1/agent.proto


/**
 * A sign of life; carries nothing.
 */
export interface Heartbeat {
}

/**
 * A sign of life; carries nothing.
 */
export interface Heartbeat__Output {
}
