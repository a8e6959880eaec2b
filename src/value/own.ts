/**
 * Attribute names as members of plain objects, which outputs are made of. Also runs on the page.
 */

/** Sets an own member whatever its name: to assign `__proto__` would change the prototype. */
export function setOwn<T>(object: Record<string, T>, name: string, value: T): void {
  if (name === '__proto__') {
    const own = { value, enumerable: true, configurable: true, writable: true };
    Object.defineProperty(object, name, own);
  } else {
    object[name] = value;
  }
}
