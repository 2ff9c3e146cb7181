// Original file: proto/pgsvc/v1/admin.proto

import type { Certificate as _pgsvc_v1_Certificate, Certificate__Output as _pgsvc_v1_Certificate__Output } from '../../pgsvc/v1/Certificate.ts';
import type { Revocation as _pgsvc_v1_Revocation, Revocation__Output as _pgsvc_v1_Revocation__Output } from '../../pgsvc/v1/Revocation.ts';
import type { Authority as _pgsvc_v1_Authority, Authority__Output as _pgsvc_v1_Authority__Output } from '../../pgsvc/v1/Authority.ts';

/**
 * The certificates.
 */
export interface CertificatesResponse {
  /**
   * Sorted by kind and name, the newest first.
   */
  'certificates'?: (_pgsvc_v1_Certificate)[];
  /**
   * Names from which certificates were withdrawn, sorted.
   */
  'revocations'?: (_pgsvc_v1_Revocation)[];
  /**
   * The authorities that the controller trusts.
   */
  'authorities'?: (_pgsvc_v1_Authority)[];
}

/**
 * The certificates.
 */
export interface CertificatesResponse__Output {
  /**
   * Sorted by kind and name, the newest first.
   */
  'certificates': (_pgsvc_v1_Certificate__Output)[];
  /**
   * Names from which certificates were withdrawn, sorted.
   */
  'revocations': (_pgsvc_v1_Revocation__Output)[];
  /**
   * The authorities that the controller trusts.
   */
  'authorities': (_pgsvc_v1_Authority__Output)[];
}
