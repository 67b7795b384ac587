//! What a function can do, and what it cannot.

use super::*;

fn engine(code: &str) -> Engine {
    Engine::load(code).unwrap()
}

fn call(code: &str) -> Result<String, Fault> {
    engine(code).call(r#"{"properties":{"n":2}}"#).0
}

fn said(code: &str) -> String {
    call(code).unwrap_err().said().to_owned()
}

/// A function of this body.
fn body(text: &str) -> String {
    format!("function transform(event) {{ {text} }}")
}

#[test]
fn it_makes_something_of_an_event() {
    let code = "const twice = (n) => n * 2;\nfunction transform({ properties: { n } }) { return { properties: { n: twice(n) } } }";
    assert_eq!(call(code).unwrap(), r#"{"properties":{"n":4}}"#);
    for nothing in ["return null", "return", ""] {
        assert_eq!(call(&body(nothing)).unwrap(), "null");
    }
    assert_eq!(call(&body("return [event, () => 1]")).unwrap(), r#"[{"properties":{"n":2}},null]"#);
    assert_eq!(call(&body("return () => 1")).unwrap(), "false");
}

#[test]
fn what_is_no_code_says_so_with_its_line() {
    let said = |code: &str| Engine::load(code).err().unwrap().said().to_owned();
    assert!(
        said("let x = 1;\nfunction transform( {").starts_with("SyntaxError in line 2"),
        "{}",
        said("x\n(")
    );
    assert!(said("let x = 1").contains("transform"));
    assert!(said("const transform = 1").contains("transform is no function"));
    assert!(said("async function transform(event) { return event }").contains("asynchronous"));
    assert!(said("const transform = async (event) => event").contains("asynchronous"));
    assert!(said("async function* transform(event) { yield event }").contains("asynchronous"));
    assert!(said("function* transform(event) { yield event }").contains("generator"));
    assert!(said("class transform { constructor(event) { this.a = event } }").contains("class"));
    assert!(said("import x from 'y'; function transform() {}").contains("Error"));
    assert!(said("throw new TypeError('at once')").contains("at once"));
    assert!(said("while (true) {}\nfunction transform() {}").contains("Internal"));
    // It cannot end the function around it.
    assert!(
        Engine::load("return 1 }); globalThis.x = 1; (function () { function transform() {}")
            .is_err()
    );
}

#[test]
fn errors_say_their_kind_and_line_and_to_senders_not_a_word_more() {
    let code =
        "function transform(event) {\n  throw new RangeError(`a secret ${event.properties.n}`);\n}";
    let fault = call(code).unwrap_err();
    assert_eq!(fault.told(), "RangeError in line 2");
    assert!(fault.said().contains("a secret 2"));
    for odd in [
        "throw 'a secret'",
        "throw { name: 'a secret' }",
        "const e = new Error('x'); e.name = 'a secret'; throw e",
        "const e = new Error('x'); e.stack = 'function:12345'; throw e",
        "throw { get name() { for (;;) {} } }",
    ] {
        let told = call(&body(odd)).unwrap_err();
        assert!(
            !told.told().contains("secret") && !told.told().contains("12345"),
            "{odd}: {told:?}"
        );
    }
}

#[test]
fn there_is_no_clock_and_no_chance_and_no_way_out() {
    for code in
        ["new Date()", "Date()", "Date.now()", "Math.random()", "new (class extends Date {})()"]
    {
        assert!(
            said(&body(&format!("return {{ properties: {{ x: {code} }} }}")))
                .contains("there is no"),
            "{code}"
        );
    }
    let date = body(
        "return { at: new Date('2026-01-02T03:04:05Z').toISOString(), is: new Date(5) instanceof Date }",
    );
    assert_eq!(call(&date).unwrap(), r#"{"at":"2026-01-02T03:04:05.000Z","is":true}"#);
    let names = "[typeof eval, typeof Function, typeof require, typeof process, typeof fetch, typeof setTimeout, typeof std, \
                 typeof os, typeof performance, typeof WeakRef, typeof Atomics, typeof console, typeof print]";
    let all = call(&body(&format!("return {{ all: new Set({names}).size, one: typeof eval }}")));
    assert_eq!(all.unwrap(), r#"{"all":1,"one":"undefined"}"#);
    for code in [
        "(() => 1).constructor('return 1')()",
        "(async () => 1).constructor('return 1')",
        "(function* () {}).constructor('yield 1')",
        "(async function* () {}).constructor('yield 1')",
    ] {
        assert!(said(&body(code)).contains("there is no way"), "{code}");
    }
}

/// Each is done in one call, and must not be seen in the next.
#[test]
fn nothing_is_left_from_one_call_to_the_next() {
    let ways = [
        "globalThis.left = 1",
        "this.left = 1",
        "Object.prototype.left = 1",
        "Array.prototype.left = 1",
        "Math.left = 1",
        "JSON.parse = () => ({ left: 1 })",
        "Array.prototype.push = () => 1",
        "event.constructor.left = 1",
        "Error.left = 1",
        "Symbol.left = 1",
        "Promise.left = 1",
        "Date.prototype.left = 1",
        "Map.prototype.get = () => 1",
        "[][Symbol.iterator]().__proto__.left = 1",
        "(function* () {}).prototype.__proto__.left = 1",
        "Object.setPrototypeOf(Array.prototype, { left: 1 })",
        "Object.defineProperty(globalThis, 'left', { value: 1 })",
        "String.raw.left = 1",
        "Reflect.left = 1",
        "''.matchAll(/x/g).__proto__.left = 1",
        "undeclared = 1",
        "RegExp.prototype.exec = () => 1",
        "Object.left = 1",
        "Number.prototype.toString = () => 'left'",
        "Error.prepareStackTrace = () => 'left'",
        "Error.stackTraceLimit = 1",
    ];
    for way in ways {
        let code = format!(
            "let left = 0;\nconst kept = [];\nfunction transform(event) {{ \
             left += 1; kept.push(1); transform.left = (transform.left || 0) + 1; \
             try {{ {way} }} catch (error) {{}} \
             return {{ properties: {{ left, kept: kept.length, own: transform.left, \
             found: [typeof globalThis.left, [].left, ({{}}).left, Math.left, JSON.parse('1'), `${{7}}`, new Date(0).left] }} }} }}"
        );
        let engine = engine(&code);
        let first = engine.call("{}").0.unwrap();
        let second = engine.call("{}").0.unwrap();
        assert_eq!(first, second, "{way}");
        assert!(first.contains(r#""left":1,"kept":1,"own":1"#), "{way}: {first}");
        assert!(first.contains(r#"["undefined",null,null,null,1,"7",null]"#), "{way}: {first}");
    }
}

#[test]
fn what_people_write_over_can_be_written_over_in_their_own_objects() {
    let code = body(
        "class Own extends Error { constructor() { super('m'); this.name = 'Own'; this.message = 'n' } } \
         const o = {}; o.toString = () => 'mine'; o.constructor = 1; const e = new Own(); \
         return { a: `${o}`, b: e.name + e.message, c: o.constructor, d: ({}).toString() }",
    );
    assert_eq!(call(&code).unwrap(), r#"{"a":"mine","b":"Ownn","c":1,"d":"[object Object]"}"#);
}

#[test]
fn loops_recursion_and_patterns_end_and_the_engine_goes_on() {
    let code = "function transform({ way }) {\n\
        if (way === 'loop') while (true) {}\n\
        if (way === 'catch') while (true) { try { while (true) {} } catch (e) {} }\n\
        if (way === 'deep') return transform({ way });\n\
        if (way === 'pattern') return /^(a+)+$/.test('a'.repeat(40) + 'b');\n\
        if (way === 'sort') return Array.from({ length: 50 }, () => 1).sort(() => { while (true) {} });\n\
        return { way } }";
    let engine = engine(code);
    for way in ["loop", "catch", "pattern", "sort", "deep"] {
        let (given, goes_on) = engine.call(&format!(r#"{{"way":"{way}"}}"#));
        assert!(given.is_err() && goes_on, "{way}: {given:?}");
    }
    assert_eq!(engine.call(r#"{"way":"none"}"#), (Ok(r#"{"way":"none"}"#.to_owned()), true));
}

#[test]
fn what_is_given_has_a_bound_and_nothing_is_waited_for() {
    assert!(said(&body("return { x: 'x'.repeat(2000000) }")).contains("too long"));
    let later = "function transform(event) { Promise.resolve(1).then(() => 2); return event }";
    let (given, goes_on) = engine(later).call("{}");
    assert!(given.unwrap_err().said().contains("asynchronous") && !goes_on);
    assert!(said(&body("const a = []; a.push(a); return a")).contains("TypeError"));
    assert!(said(&body("return { x: 1n }")).contains("TypeError"));
    assert!(
        said(&body("let d = {}; for (let i = 0; i < 1e5; i++) d = { d }; return d"))
            .contains("Error")
    );
}
