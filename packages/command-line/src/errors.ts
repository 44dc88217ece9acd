/** The arguments are wrong: says so, and how they should be. Exit code 2. */
export class UsageError extends Error {}

/** The command can't go on: the message says why, for people, without a stack. Exit code 1. */
export class CommandError extends Error {}
