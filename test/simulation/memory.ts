/** Most of what a world makes is soon gone: with more room it is collected less often. */
export const maxYoungGenerationSizeMb = 128;
