/** This machine cannot have the server. The message is one sentence: why, and what to do. */
export class ServerMissing extends Error {}
