/** Where callbacks are heard unless somebody says otherwise. */
export const defaultNotifySocket = '/run/pgsvc/notify.sock'
