/** Version of controller and agents; the same as in package.json, which a bundle cannot read. */
export const version = '0.1.0'
