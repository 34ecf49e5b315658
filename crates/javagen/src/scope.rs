//! What the generator knows at a point of a program: variables in scope, callables, cost so far.

use crate::types::Ty;

/// A local variable or parameter.
#[derive(Clone)]
pub struct Local {
    pub name: String,
    pub ty: Ty,
    /// Never assigned after its declaration, so lambdas may capture it.
    pub is_final: bool,
    /// May be assigned by statements of the body (loop counters may not).
    pub assignable: bool,
    /// For counters of loops: the values it takes.
    pub range: Option<(i64, i64)>,
    /// For arrays that are never assigned again: their length.
    pub length: Option<u32>,
}

/// A static or instance field.
#[derive(Clone)]
pub struct Field {
    pub name: String,
    pub ty: Ty,
    pub is_final: bool,
    pub length: Option<u32>,
}

pub struct ClassInfo {
    pub superclass: Option<usize>,
    pub is_abstract: bool,
    pub interfaces: Vec<usize>,
    pub fields: Vec<Field>,
    /// Source lines of its methods.
    pub members: Vec<String>,
}

pub struct IfaceInfo {
    /// The callable that is its one abstract method; none until it is generated.
    pub method: Option<usize>,
    pub members: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CallKind {
    Static,
    /// Declared in this class, overridden in some of its subclasses.
    Virtual(usize),
    Interface(usize),
}

/// Something that can be called. Bodies call only callables made before them, so every program ends.
#[derive(Clone)]
pub struct Callable {
    pub name: String,
    pub kind: CallKind,
    pub params: Vec<Ty>,
    pub ret: Ty,
    /// Upper bound of the steps of one call.
    pub cost: u64,
}

/// A loop or block that `break` and `continue` can name.
#[derive(Clone)]
pub struct Label {
    pub name: Option<String>,
    pub is_loop: bool,
}

/// The state of one method body.
pub struct Frame {
    pub locals: Vec<Local>,
    /// Locals below this index are outside the lambda or inner class being generated.
    pub barrier: usize,
    pub class: Option<usize>,
    pub ret: Option<Ty>,
    pub cost: u64,
    pub limit: u64,
    /// How often the current point runs for one call of the method.
    pub times: u64,
    pub tries: u32,
    pub in_finally: bool,
    pub labels: Vec<Label>,
    /// Only callables below this index may be called.
    pub callables: usize,
}

impl Frame {
    pub fn new(class: Option<usize>, ret: Option<Ty>, limit: u64, callables: usize) -> Frame {
        Frame {
            locals: Vec::new(),
            barrier: 0,
            class,
            ret,
            cost: 0,
            limit,
            times: 1,
            tries: 0,
            in_finally: false,
            labels: Vec::new(),
            callables,
        }
    }

    pub fn left(&self) -> u64 {
        self.limit.saturating_sub(self.cost)
    }

    pub fn declare(&mut self, name: &str, ty: Ty, is_final: bool) {
        self.locals.push(Local {
            name: name.to_owned(),
            ty,
            is_final,
            assignable: !is_final,
            range: None,
            length: None,
        });
    }

    /// Locals that may be read here.
    pub fn readable(&self) -> impl Iterator<Item = &Local> {
        self.locals.iter().enumerate().filter(|(i, l)| *i >= self.barrier || l.is_final).map(|(_, l)| l)
    }

    pub fn writable(&self) -> impl Iterator<Item = &Local> {
        self.locals[self.barrier..].iter().filter(|l| l.assignable)
    }
}

/// Lines of Java with their indentation.
#[derive(Default)]
pub struct Lines {
    pub lines: Vec<String>,
    depth: usize,
}

impl Lines {
    pub fn at_depth(depth: usize) -> Lines {
        Lines { lines: Vec::new(), depth }
    }

    /// Adds a line; braces at its ends move the indentation.
    pub fn line(&mut self, text: impl AsRef<str>) {
        let text = text.as_ref();
        if text.starts_with('}') {
            self.depth -= 1;
        }
        self.lines.push(format!("{}{text}", "    ".repeat(self.depth)));
        if text.ends_with('{') {
            self.depth += 1;
        }
    }

    /// Adds a template: one line each, indented anew.
    pub fn block(&mut self, text: &str) {
        for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
            self.line(line);
        }
    }
}
