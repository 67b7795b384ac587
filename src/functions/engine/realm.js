// The world of a function: without a clock, chance, and ways to keep anything from one call to the next.
//
// What it can reach is frozen, and its code is read anew for each call, so that variables of its own
// begin as they are written. What this gives is called with that code, and gives what calls it.
(function () {
  "use strict";
  const { parse, stringify } = JSON;
  const { freeze, getPrototypeOf, getOwnPropertyDescriptor, defineProperty } = Object;
  const { ownKeys, construct } = Reflect;
  const Later = Promise;

  const without = (what, instead) =>
    function () {
      throw new TypeError(`there is no ${what} here${instead}`);
    };
  const noClock = without("clock", ": event.metadata.time.insert says when it happened");

  const Real = Date;
  const Dated = function Date(...said) {
    if (new.target === undefined || said.length === 0) noClock();
    return construct(Real, said, new.target);
  };
  Dated.prototype = Real.prototype;
  Dated.parse = Real.parse;
  Dated.UTC = Real.UTC;
  Dated.now = noClock;
  defineProperty(Real.prototype, "constructor", { value: Dated });
  globalThis.Date = Dated;
  Math.random = without("chance", "");

  // Code that is made at run time could leave names behind that nothing else can reach.
  const makers = [
    function () {}, function* () {}, async function () {}, async function* () {},
  ].map(getPrototypeOf);
  for (const maker of makers) {
    defineProperty(maker, "constructor", { value: without("way to make code of texts", "") });
  }
  for (const name of [
    "eval", "Function", "Atomics", "SharedArrayBuffer", "WeakRef", "FinalizationRegistry",
    "performance", "queueMicrotask", "DOMException",
  ]) {
    delete globalThis[name];
  }

  // What is frozen can no longer be written over in objects that inherit it. For the names that people
  // do write over, a write makes a property of the object's own, as it would have.
  const renewable = (object, names) => {
    for (const name of names) {
      const { value } = getOwnPropertyDescriptor(object, name) ?? {};
      if (value === undefined) continue;
      defineProperty(object, name, {
        get: () => value,
        set(own) {
          if (this === object) throw new TypeError("what the language has cannot be changed");
          defineProperty(this, name, {
            value: own, writable: true, enumerable: true, configurable: true,
          });
        },
      });
    }
  };
  renewable(Object.prototype, ["constructor", "toString", "toLocaleString", "valueOf"]);
  for (const kind of [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError]) {
    renewable(kind.prototype, ["constructor", "name", "message", "toString"]);
  }

  const seen = new Set();
  const freezeAll = (value) => {
    if (value === null || (typeof value !== "object" && typeof value !== "function")) return;
    if (seen.has(value)) return;
    seen.add(value);
    freezeAll(getPrototypeOf(value));
    for (const key of ownKeys(value)) {
      const property = getOwnPropertyDescriptor(value, key);
      freezeAll(property.value);
      freezeAll(property.get);
      freezeAll(property.set);
    }
    freeze(value);
  };
  makers.forEach(freezeAll);
  // Iterators have prototypes that no name leads to.
  [
    [][Symbol.iterator](), ""[Symbol.iterator](), new Map().entries(), new Set().values(),
    "".matchAll(/x/g), (function* () {})(), (async function* () {})(),
    [].values().map((one) => one), Iterator.from({ next() {} }),
  ].forEach((one) => freezeAll(getPrototypeOf(one)));
  freezeAll(globalThis);

  // What can be called, and never gives an event.
  const misfit = (transform) => {
    const kind = getPrototypeOf(transform);
    if (kind === makers[1]) return "is a generator, which gives nothing by itself";
    if (kind === makers[2] || kind === makers[3]) return "waits: nothing here is asynchronous";
    // Only of classes this cannot be written over.
    const own = getOwnPropertyDescriptor(transform, "prototype");
    return own !== undefined && !own.writable ? "is a class, which cannot be called" : undefined;
  };

  return (factory, lettersMax) => {
    const fresh = () => {
      const transform = factory();
      if (typeof transform !== "function") throw new TypeError("transform is no function");
      const why = misfit(transform);
      if (why !== undefined) throw new TypeError(`transform ${why}`);
      return transform;
    };
    fresh();
    return (text) => {
      const given = fresh()(parse(text));
      if (given instanceof Later) throw new TypeError("nothing here is asynchronous");
      const said = given === undefined ? "null" : stringify(given);
      if (said === undefined) return "false";
      if (said.length > lettersMax) throw new RangeError("what it gives is too long");
      return said;
    };
  };
})()
