// Original file: proto/pgsvc/v1/admin.proto


/**
 * Ask who leads.
 */
export interface LeadersRequest {
  /**
   * Only these clusters; empty for all.
   */
  'owners'?: (string)[];
}

/**
 * Ask who leads.
 */
export interface LeadersRequest__Output {
  /**
   * Only these clusters; empty for all.
   */
  'owners': (string)[];
}
