//! JavaScript: one function with its memory and its fuel.

use std::cell::Cell;
use std::rc::Rc;

use rquickjs::context::{EvalOptions, intrinsic};
use rquickjs::{
    CatchResultExt as _, CaughtError, Context, Ctx, Function, Module, Persistent, Runtime,
};

use super::{Fault, fault as faults};

/// The world that a function lives in.
const REALM: &str = include_str!("realm.js");
/// What the engine's own words call the function's code.
const FILE: &str = "function";
/// So much memory a function may take, in bytes.
pub(super) const MEMORY_BYTES_MAX: usize = 16 << 20;
/// So much of the stack, in bytes.
const STACK_BYTES_MAX: usize = 256 << 10;
/// So often a call may be looked at, each time after some ten thousand steps: loops, calls, steps of
/// patterns. No clock says when it ends, so it ends at the same place everywhere.
const LOOKS_MAX: u32 = 50;
/// Longest text that a call may give, in UTF-16 units.
const LETTERS_MAX: usize = 1 << 20;

/// What the language is made of here: no weak references, which show when memory is looked after.
type Language = (
    intrinsic::Date,
    intrinsic::Eval,
    intrinsic::RegExpCompiler,
    intrinsic::RegExp,
    intrinsic::Json,
    intrinsic::Proxy,
    intrinsic::MapSet,
    intrinsic::TypedArrays,
    intrinsic::Promise,
);

/// A function, ready to be called.
pub(super) struct Engine {
    // Dropped before what it lives in.
    call: Persistent<Function<'static>>,
    context: Context,
    runtime: Runtime,
    looks_left: Rc<Cell<u32>>,
    lines: usize,
}

impl Engine {
    /// Reads the code.
    ///
    /// # Errors
    /// It is none, or says no function `transform`.
    pub(super) fn load(code: &str) -> Result<Self, Fault> {
        let defect = |_| Fault::of_ours(faults::NOBODY);
        let runtime = Runtime::new().map_err(defect)?;
        runtime.set_memory_limit(MEMORY_BYTES_MAX);
        runtime.set_max_stack_size(STACK_BYTES_MAX);
        let looks_left = Rc::new(Cell::new(LOOKS_MAX));
        let left = Rc::clone(&looks_left);
        runtime.set_interrupt_handler(Some(Box::new(move || {
            left.set(left.get().saturating_sub(1));
            left.get() == 0
        })));
        let context = Context::custom::<Language>(&runtime).map_err(defect)?;
        let lines = code.lines().count();
        let call = context.with(|ctx| {
            let read = read(&ctx, code).catch(&ctx);
            read.map_err(|error| fault(&error, lines))
        })?;
        Ok(Self { call, context, runtime, looks_left, lines })
    }

    /// What the function makes of an event, and whether the engine can go on after it.
    pub(super) fn call(&self, event: &str) -> (Result<String, Fault>, bool) {
        self.looks_left.set(LOOKS_MAX);
        let given = self.context.with(|ctx| -> Result<String, Fault> {
            let call = self.call.clone().restore(&ctx).catch(&ctx);
            let call = call.map_err(|error| fault(&error, self.lines))?;
            call.call((event,)).catch(&ctx).map_err(|error| fault(&error, self.lines))
        });
        if self.runtime.is_job_pending() {
            let text = "it waits for something: nothing here is asynchronous";
            return (Err(Fault::of_ours(text)), false);
        }
        if given.is_err() && self.looks_left.get() == 0 {
            return (Err(Fault::of_ours("it took more steps than it may")), true);
        }
        // Whoever has eaten all memory may have left something half done.
        let goes_on =
            !given.as_ref().is_err_and(|fault: &Fault| fault.told().starts_with("Internal"));
        (given, goes_on)
    }
}

fn read<'js>(ctx: &Ctx<'js>, code: &str) -> rquickjs::Result<Persistent<Function<'static>>> {
    let prepare: Function<'js> = ctx.eval(REALM)?;
    // By itself it must be whole: else it could end the function around it and go on outside.
    Module::declare(ctx.clone(), FILE, code)?;
    let mut options = EvalOptions::default();
    options.filename = Some(FILE.to_owned());
    let whole = format!("(function () {{ \"use strict\"; {code}\nreturn transform; }})");
    let factory: Function<'js> = ctx.eval_with_options(whole, options)?;
    let call: Function<'js> = prepare.call((factory, LETTERS_MAX))?;
    Ok(Persistent::save(ctx, call))
}

fn fault(error: &CaughtError<'_>, lines: usize) -> Fault {
    match error {
        CaughtError::Exception(thrown) => {
            let name: String = thrown.as_object().get("name").unwrap_or_default();
            let (message, stack) = (thrown.message(), thrown.stack());
            let line = stack.as_deref().and_then(line).filter(|line| (1..=lines).contains(line));
            Fault::thrown(&name, message.as_deref().unwrap_or_default(), line)
        }
        CaughtError::Value(_) | CaughtError::Error(_) => Fault::thrown("", "it is no error", None),
    }
}

/// The line of the function's code that a stack names first.
fn line(stack: &str) -> Option<usize> {
    let (_, rest) = stack.split_once(&format!("{FILE}:"))?;
    let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
    rest.get(..end)?.parse().ok()
}

#[cfg(test)]
mod tests;
