// Original file: proto/pgsvc/v1/agent.proto


/**
 * Renew the certificate now.
 */
export interface RenewCertificate {
}

/**
 * Renew the certificate now.
 */
export interface RenewCertificate__Output {
}
