/** This machine cannot have the engine. The message is one sentence: why, and what to do. */
export class EngineMissing extends Error {}
