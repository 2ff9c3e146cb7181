// Original file: proto/pgsvc/v1/admin.proto

import type { AuditRecord as _pgsvc_v1_AuditRecord, AuditRecord__Output as _pgsvc_v1_AuditRecord__Output } from '../../pgsvc/v1/AuditRecord.ts';

/**
 * The record.
 */
export interface AuditResponse {
  /**
   * Oldest first.
   */
  'records'?: (_pgsvc_v1_AuditRecord)[];
}

/**
 * The record.
 */
export interface AuditResponse__Output {
  /**
   * Oldest first.
   */
  'records': (_pgsvc_v1_AuditRecord__Output)[];
}
