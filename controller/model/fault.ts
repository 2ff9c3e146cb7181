import { AppError } from '../../shared/errors/app-error.ts'

/** The AppError that was thrown; anything else is a fault of ours and is thrown on. */
export function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error
  throw error
}
