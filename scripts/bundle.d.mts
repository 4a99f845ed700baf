/** Path of the program's main file; it is built anew when a source is younger. @throws Error when the sources do not build */
export function bundleProgram(): string;
