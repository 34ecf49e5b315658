//! Compiling to the mini set.
//!
//! The main program comes first, functions follow. A variable is a local variable of its function's frame; blocks give
//! theirs back. Between statements the operand stack is empty.

use super::ast::{Body, Expr, ExprKind, Function, Name, Prefix, Span, Stmt, StmtKind, Tree};
use crate::diagnostics::Diagnostic;
use crate::isa::{Arithmetic, Comparison, MiniOp, Op};
use crate::program::{self, Code, Input, Line, Program};
use crate::verify::{MAX_ARGUMENTS, MAX_LOCALS};
use std::collections::HashMap;

/// The value of a number as written; `negated` when a minus sign stands before it.
pub fn integer(digits: &str, e: &Expr<'_>, negated: bool) -> Result<i32, Diagnostic> {
    let value: Option<i64> = digits.parse().ok();
    let value = value.and_then(|v| i32::try_from(if negated { -v } else { v }).ok());
    value.ok_or_else(|| {
        let range = "numbers go from -2147483648 to 2147483647";
        Diagnostic::new(e.span.clone(), "the number does not fit 32 bits", range)
    })
}

/// The line table in the making.
pub struct LineTable {
    /// Where lines begin in the text.
    starts: Vec<usize>,
    lines: Vec<Line>,
}

impl LineTable {
    pub fn new(text: &str) -> LineTable {
        let after_feeds = text.match_indices('\n').map(|(i, _)| i + 1);
        LineTable { starts: std::iter::once(0).chain(after_feeds).collect(), lines: Vec::new() }
    }

    /// The code from `offset` on is made from the text at byte `at`.
    pub fn mark(&mut self, offset: usize, at: usize) {
        let line = self.starts.partition_point(|s| *s <= at) as u32;
        match self.lines.last_mut() {
            Some(last) if last.line == line => {}
            Some(last) if last.offset == offset as u32 => last.line = line,
            _ => self.lines.push(Line { offset: offset as u32, line }),
        }
    }

    pub fn finish(self) -> Vec<Line> {
        self.lines
    }
}

/// A place in the code that jumps may lead to before it is known.
#[derive(Clone, Copy)]
struct Label(usize);

struct Loop {
    next: Label,
    end: Label,
}

struct Compiler<'a, 't> {
    tree: &'a Tree<'t>,
    code: Code,
    lines: LineTable,
    /// Offsets of bound labels.
    labels: Vec<Option<u32>>,
    /// Units that hold a label's offset.
    jumps: Vec<(usize, Label)>,
    functions: HashMap<&'t str, usize>,
    /// Units that hold a function's entry.
    calls: Vec<(usize, usize)>,
    /// Variables by name, one table a block.
    scopes: Vec<HashMap<&'t str, u16>>,
    next_local: u16,
    max_locals: u16,
    loops: Vec<Loop>,
    /// The function that is being compiled, `None` in the main program.
    function: Option<usize>,
    inputs: Vec<Input>,
    /// Names of the main program's variables, for the hint when a function uses one.
    main_names: Vec<&'t str>,
    errors: Vec<Diagnostic>,
}

/// Compiles a program to the mini set.
pub fn compile(tree: &Tree<'_>, text: &str) -> Result<Program, Vec<Diagnostic>> {
    let mut c = Compiler {
        tree,
        code: Code::Mini(Vec::new()),
        lines: LineTable::new(text),
        labels: Vec::new(),
        jumps: Vec::new(),
        functions: HashMap::new(),
        calls: Vec::new(),
        scopes: Vec::new(),
        next_local: 0,
        max_locals: 0,
        loops: Vec::new(),
        function: None,
        inputs: Vec::new(),
        main_names: Vec::new(),
        errors: Vec::new(),
    };
    for (i, f) in tree.functions.iter().enumerate() {
        if c.functions.insert(f.name.kind, i).is_some() {
            c.error(f.name.span.clone(), format!("two functions are called {}", f.name.kind), "the second");
        }
    }
    c.body(&tree.body);
    let locals = c.max_locals;
    let mut functions = Vec::new();
    for (i, f) in tree.functions.iter().enumerate() {
        functions.push(c.one_function(i, f));
    }
    if !c.errors.is_empty() {
        c.errors.sort_by_key(|d| d.span.start);
        return Err(c.errors);
    }
    let Code::Mini(words) = &mut c.code else { unreachable!("the code was made so") };
    for (unit, label) in &c.jumps {
        words[*unit] = c.labels[label.0].expect("every label is bound") as i32;
    }
    for (unit, function) in &c.calls {
        words[*unit] = functions[*function].entry as i32;
    }
    let lines = c.lines.finish();
    Ok(Program { code: c.code, source: String::new(), inputs: c.inputs, locals, functions, lines })
}

impl<'t> Compiler<'_, 't> {
    fn error(&mut self, span: Span, message: impl Into<String>, label: impl Into<String>) {
        self.errors.push(Diagnostic::new(span, message, label));
    }

    fn op(&mut self, at: usize, op: MiniOp, operands: &[i32]) {
        self.lines.mark(self.code.len(), at);
        program::encode(&mut self.code, Op::Mini(op), operands);
    }

    fn label(&mut self) -> Label {
        self.labels.push(None);
        Label(self.labels.len() - 1)
    }

    fn bind(&mut self, label: Label) {
        self.labels[label.0] = Some(self.code.len() as u32);
    }

    fn jump(&mut self, at: usize, op: MiniOp, target: Label) {
        self.jumps.push((self.code.len() + 1, target));
        self.op(at, op, &[0]);
    }

    fn one_function(&mut self, index: usize, f: &Function<'t>) -> program::Function {
        let entry = self.code.len() as u32;
        self.function = Some(index);
        (self.next_local, self.max_locals) = (0, 0);
        self.scopes = vec![HashMap::new()];
        if f.parameters.len() > usize::from(MAX_ARGUMENTS) {
            let label = format!("at most {MAX_ARGUMENTS}");
            self.error(f.name.span.clone(), "too many parameters", label);
        }
        for p in &f.parameters {
            self.declare(p);
        }
        self.body(&f.body);
        program::Function {
            name: f.name.kind.to_owned(),
            entry,
            arguments: f.parameters.len() as u16,
            locals: self.max_locals,
        }
    }

    /// A body to its end: HALT or RET.
    fn body(&mut self, body: &Body<'t>) {
        if self.scopes.is_empty() {
            self.scopes.push(HashMap::new());
        }
        self.statements(&body.statements);
        let at = body.value.as_ref().map_or(body.end, |v| v.span.start);
        if let Some(value) = &body.value {
            self.expression(value);
        } else if self.function.is_some() {
            if self.ends_by_return(&body.statements) {
                return;
            }
            self.op(at, MiniOp::Push, &[0]);
        } else if self.ends_by_return(&body.statements) {
            return;
        }
        self.leave(at);
    }

    fn ends_by_return(&self, statements: &[Stmt<'_>]) -> bool {
        matches!(statements.last().map(|s| &s.kind), Some(StmtKind::Return(_)))
    }

    fn leave(&mut self, at: usize) {
        self.op(at, if self.function.is_some() { MiniOp::Ret } else { MiniOp::Halt }, &[]);
    }

    fn declare(&mut self, name: &Name<'t>) -> u16 {
        let local = self.next_local;
        let scope = self.scopes.last_mut().expect("a body has a scope");
        if scope.insert(name.kind, local).is_some() {
            let message = format!("{} exists already in this block", name.kind);
            self.error(name.span.clone(), message, "to change it, leave out `let`");
        }
        if local >= MAX_LOCALS {
            self.error(
                name.span.clone(),
                "too many variables",
                format!("at most {MAX_LOCALS} in a function"),
            );
            return 0;
        }
        if self.function.is_none() {
            self.main_names.push(name.kind);
        }
        self.next_local += 1;
        self.max_locals = self.max_locals.max(self.next_local);
        local
    }

    fn variable(&mut self, name: &str, span: &Span) -> i32 {
        if let Some(local) = self.scopes.iter().rev().find_map(|s| s.get(name)) {
            return i32::from(*local);
        }
        let mut d = Diagnostic::new(span.clone(), format!("there is no variable {name}"), "not known here");
        if self.functions.contains_key(name) {
            d.help = Some(format!("{name} is a function: call it as {name}(...)"));
        } else if self.function.is_some() && self.main_names.contains(&name) {
            d.help = Some(format!(
                "{name} belongs to the main program; functions see only their own variables, so pass it as an argument"
            ));
        } else if let Some(other) = self.similar(name) {
            d.help = Some(format!("there is {other}"));
        }
        self.errors.push(d);
        0
    }

    /// A variable whose name differs in one letter.
    fn similar(&self, name: &str) -> Option<&'t str> {
        let close = |other: &str| {
            let (a, b) = (name.as_bytes(), other.as_bytes());
            let same_front = a.iter().zip(b).take_while(|(x, y)| x == y).count();
            let same_back = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
            name.len().abs_diff(other.len()) <= 1 && same_front + same_back + 1 >= a.len().max(b.len())
        };
        let mut found: Vec<&'t str> =
            self.scopes.iter().flat_map(|s| s.keys().copied()).filter(|other| close(other)).collect();
        found.sort_unstable();
        found.first().copied()
    }

    fn block(&mut self, statements: &[Stmt<'t>]) {
        let before = self.next_local;
        self.scopes.push(HashMap::new());
        self.statements(statements);
        self.scopes.pop();
        self.next_local = before;
    }

    fn statements(&mut self, statements: &[Stmt<'t>]) {
        statements.iter().for_each(|s| self.statement(s));
    }

    fn statement(&mut self, s: &Stmt<'t>) {
        let at = s.span.start;
        match &s.kind {
            StmtKind::Input { name, default } => self.input(name, default),
            StmtKind::Let { name, value } => {
                self.expression(value);
                let local = self.declare(name);
                self.op(at, MiniOp::Store, &[i32::from(local)]);
            }
            StmtKind::Assign { name, value } => {
                self.expression(value);
                let known = self.errors.len();
                let local = self.variable(name.kind, &name.span);
                if let Some(d) = self.errors.get_mut(known)
                    && d.help.is_none()
                {
                    d.help = Some(format!("the first time, write let {} = ...", name.kind));
                }
                self.op(at, MiniOp::Store, &[local]);
            }
            StmtKind::If { arms, otherwise } => {
                let end = self.label();
                for (i, (condition, block)) in arms.iter().enumerate() {
                    let next = self.label();
                    self.jump_unless(condition, next);
                    self.block(block);
                    if i + 1 < arms.len() || !otherwise.is_empty() {
                        let after = block.last().map_or(at, |s| s.span.end - 1);
                        self.jump(after, MiniOp::Jmp, end);
                    }
                    self.bind(next);
                }
                self.block(otherwise);
                self.bind(end);
            }
            StmtKind::While { condition, body } => {
                let (next, end) = (self.label(), self.label());
                self.bind(next);
                self.jump_unless(condition, end);
                self.loops.push(Loop { next, end });
                self.block(body);
                self.loops.pop();
                self.jump(at, MiniOp::Jmp, next);
                self.bind(end);
            }
            StmtKind::Break | StmtKind::Continue => {
                let Some(l) = self.loops.last() else {
                    let word = if s.kind == StmtKind::Break { "break" } else { "continue" };
                    return self.error(
                        s.span.clone(),
                        format!("{word} outside a loop"),
                        "no `while` around this",
                    );
                };
                let target = if s.kind == StmtKind::Break { l.end } else { l.next };
                self.jump(at, MiniOp::Jmp, target);
            }
            StmtKind::Return(value) => {
                match value {
                    Some(value) => self.expression(value),
                    None if self.function.is_some() => self.op(at, MiniOp::Push, &[0]),
                    None => {}
                }
                self.leave(at);
            }
            StmtKind::Print(value) => {
                self.expression(value);
                self.op(at, MiniOp::Print, &[]);
            }
            StmtKind::Expr(value) => {
                self.expression(value);
                self.op(at, MiniOp::Pop, &[]);
            }
        }
    }

    fn input(&mut self, name: &Name<'t>, default: &Expr<'t>) {
        let number = match &default.kind {
            ExprKind::Number(digits) => integer(digits, default, false),
            ExprKind::Prefix(operators, operand) if operators[..] == [Prefix::Minus] => match &operand.kind {
                ExprKind::Number(digits) => integer(digits, operand, true),
                _ => Err(Diagnostic::new(
                    default.span.clone(),
                    "an input's default is a number",
                    "not a number",
                )),
            },
            _ => Err(Diagnostic::new(default.span.clone(), "an input's default is a number", "not a number")),
        };
        let value = number.unwrap_or_else(|d| {
            self.errors.push(d);
            0
        });
        let first = self.function.is_none() && self.scopes.len() == 1 && self.code.is_empty();
        if !first {
            let label = "write it at the beginning of the text";
            self.error(name.span.clone(), "inputs come before everything else", label);
        }
        self.declare(name);
        self.inputs.push(Input { name: name.kind.to_owned(), default: value });
        if self.inputs.len() == usize::from(MAX_ARGUMENTS) + 1 {
            self.error(name.span.clone(), "too many inputs", format!("at most {MAX_ARGUMENTS}"));
        }
    }

    /// Jumps when the condition does not hold.
    fn jump_unless(&mut self, condition: &Expr<'t>, target: Label) {
        match &condition.kind {
            ExprKind::And(operands) => operands.iter().for_each(|o| self.jump_unless(o, target)),
            _ => {
                self.expression(condition);
                self.jump(condition.span.start, MiniOp::Jz, target);
            }
        }
    }

    fn expression(&mut self, e: &Expr<'t>) {
        let at = e.span.start;
        match &e.kind {
            ExprKind::Number(digits) => self.number(digits, e, false),
            ExprKind::Variable(name) => {
                let local = self.variable(name, &e.span);
                self.op(at, MiniOp::Load, &[local]);
            }
            ExprKind::Call { function, arguments } => self.call(e, function, arguments),
            ExprKind::Prefix(operators, operand) => self.prefix(at, operators, operand),
            ExprKind::Chain(first, rest) => {
                self.expression(first);
                for (op, operand) in rest {
                    self.expression(operand);
                    let op = match op {
                        Arithmetic::Add => MiniOp::Add,
                        Arithmetic::Sub => MiniOp::Sub,
                        Arithmetic::Mul => MiniOp::Mul,
                        Arithmetic::Div => MiniOp::Div,
                        Arithmetic::Rem => MiniOp::Rem,
                    };
                    self.op(operand.span.start, op, &[]);
                }
            }
            ExprKind::Compare(left, op, right) => {
                self.expression(left);
                self.expression(right);
                let op = match op {
                    Comparison::Eq => MiniOp::Eq,
                    Comparison::Ne => MiniOp::Ne,
                    Comparison::Lt => MiniOp::Lt,
                    Comparison::Le => MiniOp::Le,
                    Comparison::Gt => MiniOp::Gt,
                    Comparison::Ge => MiniOp::Ge,
                };
                self.op(right.span.start, op, &[]);
            }
            ExprKind::And(operands) => {
                let (no, end) = (self.label(), self.label());
                operands.iter().for_each(|o| self.jump_unless(o, no));
                self.op(at, MiniOp::Push, &[1]);
                self.jump(at, MiniOp::Jmp, end);
                self.bind(no);
                self.op(at, MiniOp::Push, &[0]);
                self.bind(end);
            }
            ExprKind::Or(operands) => {
                let (yes, end) = (self.label(), self.label());
                for operand in operands {
                    let next = self.label();
                    self.jump_unless(operand, next);
                    self.jump(operand.span.start, MiniOp::Jmp, yes);
                    self.bind(next);
                }
                self.op(at, MiniOp::Push, &[0]);
                self.jump(at, MiniOp::Jmp, end);
                self.bind(yes);
                self.op(at, MiniOp::Push, &[1]);
                self.bind(end);
            }
        }
    }

    fn number(&mut self, digits: &str, e: &Expr<'t>, negated: bool) {
        match integer(digits, e, negated) {
            Ok(value) => self.op(e.span.start, MiniOp::Push, &[value]),
            Err(d) => self.errors.push(d),
        }
    }

    fn prefix(&mut self, at: usize, operators: &[Prefix], operand: &Expr<'t>) {
        let mut rest = operators;
        match (&operand.kind, operators.split_last()) {
            // The sign belongs to the number: -2147483648 has no positive counterpart.
            (ExprKind::Number(digits), Some((Prefix::Minus, outer))) => {
                rest = outer;
                self.number(digits, operand, true);
            }
            _ => {
                // 0 - x has its zero below x.
                if operators.last() == Some(&Prefix::Minus) {
                    self.op(at, MiniOp::Push, &[0]);
                    self.expression(operand);
                    self.op(at, MiniOp::Sub, &[]);
                    rest = &operators[..operators.len() - 1];
                } else {
                    self.expression(operand);
                }
            }
        }
        for operator in rest.iter().rev() {
            self.op(at, MiniOp::Push, &[0]);
            match operator {
                Prefix::Minus => {
                    self.op(at, MiniOp::Swap, &[]);
                    self.op(at, MiniOp::Sub, &[]);
                }
                Prefix::Not => self.op(at, MiniOp::Eq, &[]),
            }
        }
    }

    fn call(&mut self, e: &Expr<'t>, function: &Name<'t>, arguments: &[Expr<'t>]) {
        arguments.iter().for_each(|a| self.expression(a));
        let Some(index) = self.functions.get(function.kind).copied() else {
            let message = format!("there is no function {}", function.kind);
            return self.error(function.span.clone(), message, "not known");
        };
        let takes = self.tree.functions[index].parameters.len();
        if takes != arguments.len() {
            let s = if takes == 1 { "" } else { "s" };
            let message = format!("{} takes {takes} argument{s}", function.kind);
            return self.error(e.span.clone(), message, format!("{} given", arguments.len()));
        }
        self.calls.push((self.code.len() + 1, index));
        self.op(e.span.start, MiniOp::Call, &[0, arguments.len() as i32]);
    }
}
