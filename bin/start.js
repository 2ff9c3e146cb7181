// Runs one main from source with the arguments after its path; its number is the exit status.
const [, , path, ...argv] = process.argv
const { main } = await import(new URL(path, import.meta.url))
const status = await main(argv)
if (typeof status === 'number') process.exitCode = status
