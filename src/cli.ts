#!/usr/bin/env node
/** The `tidetable` command of the package: what `src/cli/main.ts` does, where npm looks for it. */
import './cli/main.ts';
