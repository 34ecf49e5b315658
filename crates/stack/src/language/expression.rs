//! Compiling to the expression set: arithmetic on constants.

use super::ast::{Expr, ExprKind, Prefix, Tree};
use super::compile::{LineTable, integer};
use crate::diagnostics::Diagnostic;
use crate::isa::{Arithmetic, ExpressionOp, Op};
use crate::program::{Code, Program, encode};

const BASE: u32 = 256;

/// Whether the program is one expression that the set can express.
pub fn fits(tree: &Tree<'_>) -> bool {
    fn expressible(e: &Expr<'_>) -> bool {
        match &e.kind {
            ExprKind::Number(_) => true,
            ExprKind::Prefix(operators, operand) => !operators.contains(&Prefix::Not) && expressible(operand),
            ExprKind::Chain(first, rest) => {
                expressible(first) && rest.iter().all(|(op, e)| *op != Arithmetic::Rem && expressible(e))
            }
            _ => false,
        }
    }
    tree.functions.is_empty()
        && tree.body.statements.is_empty()
        && tree.body.value.as_ref().is_some_and(expressible)
}

struct Compiler {
    code: Code,
    lines: LineTable,
}

/// Compiles a program that is one expression.
pub fn compile(tree: &Tree<'_>, text: &str) -> Result<Program, Vec<Diagnostic>> {
    let outside = |span, what: &str| {
        let d = Diagnostic::new(span, format!("the expression set has no {what}"), "only + - * / on numbers");
        Err(vec![d.with_help("the mini set has it: --set mini")])
    };
    if let Some(f) = tree.functions.first() {
        return outside(f.name.span.clone(), "functions");
    }
    if let Some(s) = tree.body.statements.first() {
        return outside(s.span.clone(), "statements");
    }
    let Some(value) = &tree.body.value else {
        let end = tree.body.end;
        return Err(vec![Diagnostic::new(
            end..end,
            "unexpected the end of the text",
            "expected an expression",
        )]);
    };
    let mut c = Compiler { code: Code::Expression(Vec::new()), lines: LineTable::new(text) };
    c.expression(value).map_err(|d| vec![d])?;
    Ok(Program { lines: c.lines.finish(), ..Program::empty(c.code) })
}

impl Compiler {
    fn op(&mut self, e: &Expr<'_>, op: ExpressionOp, operands: &[i32]) {
        self.lines.mark(self.code.len(), e.span.start);
        encode(&mut self.code, Op::Expression(op), operands);
    }

    /// A number of up to 32 bits; operands have 16, so larger ones are put together.
    fn constant(&mut self, e: &Expr<'_>, value: u32) {
        if let Ok(small) = u16::try_from(value) {
            return self.op(e, ExpressionOp::LoadConst, &[i32::from(small)]);
        }
        // (high * 256 + middle) * 256 + low
        self.op(e, ExpressionOp::LoadConst, &[(value >> 16) as i32]);
        for byte in [value >> 8 & 0xff, value & 0xff] {
            self.op(e, ExpressionOp::LoadConst, &[BASE as i32]);
            self.op(e, ExpressionOp::BinaryMul, &[]);
            if byte != 0 {
                self.op(e, ExpressionOp::LoadConst, &[byte as i32]);
                self.op(e, ExpressionOp::BinaryAdd, &[]);
            }
        }
    }

    fn expression(&mut self, e: &Expr<'_>) -> Result<(), Diagnostic> {
        match &e.kind {
            ExprKind::Number(digits) => {
                let value = integer(digits, e, false)?;
                self.constant(e, value as u32);
                Ok(())
            }
            ExprKind::Prefix(operators, operand) => {
                if operators.contains(&Prefix::Not) {
                    return Err(self.outside(e, "!"));
                }
                // There is no negation: 0 - x, for each minus sign that its neighbour does not cancel.
                let negative = operators.len() % 2 == 1;
                if negative {
                    self.op(e, ExpressionOp::LoadConst, &[0]);
                }
                match &operand.kind {
                    ExprKind::Number(digits) => {
                        let value = integer(digits, operand, negative)?;
                        self.constant(operand, value.unsigned_abs());
                    }
                    _ => self.expression(operand)?,
                }
                if negative {
                    self.op(e, ExpressionOp::BinarySub, &[]);
                }
                Ok(())
            }
            ExprKind::Chain(first, rest) => {
                self.expression(first)?;
                for (op, operand) in rest {
                    self.expression(operand)?;
                    let op = match op {
                        Arithmetic::Add => ExpressionOp::BinaryAdd,
                        Arithmetic::Sub => ExpressionOp::BinarySub,
                        Arithmetic::Mul => ExpressionOp::BinaryMul,
                        Arithmetic::Div => ExpressionOp::BinaryDiv,
                        Arithmetic::Rem => return Err(self.outside(e, "%")),
                    };
                    self.op(operand, op, &[]);
                }
                Ok(())
            }
            ExprKind::Variable(_) => Err(self.outside(e, "variables")),
            ExprKind::Call { .. } => Err(self.outside(e, "functions")),
            ExprKind::Compare(..) => Err(self.outside(e, "comparisons")),
            ExprKind::And(_) | ExprKind::Or(_) => Err(self.outside(e, "conditions")),
        }
    }

    fn outside(&self, e: &Expr<'_>, what: &str) -> Diagnostic {
        Diagnostic::new(
            e.span.clone(),
            format!("the expression set has no {what}"),
            "only + - * / on numbers",
        )
        .with_help("the mini set has it: --set mini")
    }
}
