//! Bean: the little language that compiles to both instruction sets.
//!
//! ```text
//! input n = 10;                    // may be set by who runs the program
//!
//! fn fact(n) {                     // functions see their parameters and their own variables
//!     if n < 2 { return 1; }
//!     n * fact(n - 1)              // a last expression without `;` is the value
//! }
//!
//! let i = 1;
//! while i <= n {
//!     print fact(i);
//!     i = i + 1;
//! }
//! fact(n)                          // the result of the program
//! ```
//!
//! All values are 32-bit integers that wrap around; conditions are integers, 0 is false. `&&` and `||` do not evaluate
//! their right side when the left decides.
//!
//! A program that is one expression of constants compiles to the expression set, everything else to the mini set.

pub mod ast;
mod compile;
mod expression;
mod parser;
mod token;

use crate::diagnostics::Diagnostic;
use crate::isa::InstructionSet;
use crate::program::Program;

/// Compiles a text. Without a wanted instruction set, the smallest that does is taken.
///
/// # Errors
/// All errors that were found, in order.
pub fn compile(text: &str, source: &str, set: Option<InstructionSet>) -> Result<Program, Vec<Diagnostic>> {
    let tree = parse(text)?;
    let set = set.unwrap_or_else(|| {
        if expression::fits(&tree) { InstructionSet::Expression } else { InstructionSet::Mini }
    });
    let mut program = match set {
        InstructionSet::Expression => expression::compile(&tree, text)?,
        InstructionSet::Mini => compile::compile(&tree, text)?,
    };
    program.source = source.chars().filter(|c| !c.is_control()).collect();
    Ok(program)
}

/// Parses a text.
///
/// # Errors
/// As [`compile`].
pub fn parse(text: &str) -> Result<ast::Tree<'_>, Vec<Diagnostic>> {
    let tokens = token::tokens(text)?;
    parser::parse(&tokens, text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asm::disassemble;
    use crate::machine::{End, Fault, FaultKind, Limits, run};
    use crate::program::Code;
    use crate::verify::verify;

    fn outcome(text: &str) -> (End, Vec<i32>) {
        let program = compile(text, "test.bean", None)
            .unwrap_or_else(|e| panic!("{}", e[0].render("test.bean", text, false)));
        let listing = disassemble(&program);
        let verified = verify(program).unwrap_or_else(|e| panic!("{}\n{listing}", e[0]));
        let (end, output, _) = run(&verified, &[], Limits { fuel: Some(10_000_000), ..Limits::default() });
        (end, output)
    }

    fn value(text: &str) -> i32 {
        match outcome(text).0 {
            End::Halted(Some(value)) => value,
            other => panic!("{text}: {other:?}"),
        }
    }

    /// Position, message, label and help of the first error.
    fn error(text: &str) -> String {
        let d = compile(text, "test.bean", None).unwrap_err().remove(0);
        let (line, column) = d.position(text);
        let help = d.help.map_or_else(String::new, |h| format!(" [{h}]"));
        format!("{line}:{column} {}: {}{help}", d.message, d.label)
    }

    #[test]
    fn the_eleven_bytes() {
        let program = compile("12*48+59", "", None).unwrap();
        assert_eq!(program.code, Code::Expression(vec![100, 0, 12, 100, 0, 48, 20, 100, 0, 59, 23]));
        assert_eq!(value("12*48+59"), 635);
        let mini = compile("10 + 20", "", Some(InstructionSet::Mini)).unwrap();
        assert_eq!(mini.code, Code::Mini(vec![1, 10, 1, 20, 3, 0]));
    }

    #[test]
    fn expressions_in_both_sets() {
        for (text, expected) in [
            ("1 + 2 * 3", 7),
            ("(1 + 2) * 3", 9),
            ("10 - 4 - 3", 3),
            ("100 / 7 / 2", 7),
            ("-7 / 2", -3),
            ("-(7 / 2)", -3),
            ("--5", 5),
            ("---5", -5),
            ("2 - -3", 5),
            ("-2147483648", i32::MIN),
            ("2147483647 + 1", i32::MIN),
            ("65536", 65536),
            ("123456789", 123_456_789),
            ("2147483647", i32::MAX),
            ("-2147483648 / -1", i32::MIN),
            ("65535 * 65537", -1),
            ("16777216 / 65536", 256),
            (" 1\n+\n2 # sum\n", 3),
        ] {
            for set in [InstructionSet::Expression, InstructionSet::Mini] {
                let program = compile(text, "", Some(set)).unwrap();
                let (end, _, _) = run(&verify(program).unwrap(), &[], Limits::default());
                assert_eq!(end, End::Halted(Some(expected)), "{text} in the {set} set");
            }
        }
    }

    #[test]
    fn conditions() {
        for (text, expected) in [
            ("1 < 2", 1),
            ("2 <= 1", 0),
            ("!(1 == 1)", 0),
            ("!0", 1),
            ("!!7", 1),
            ("-!0", -1),
            ("1 && 2", 1),
            ("1 && 0 && 1 / 0", 0),
            ("0 || 3", 1),
            ("0 || 0", 0),
            ("2 || 1 / 0", 1),
            ("0 && 1 || 1", 1),
            ("1 + (2 > 1 && 3 > 2) * 10", 11),
            ("7 % 3 + -7 % 3", 0),
            ("5 != 5 || 4 >= 4", 1),
        ] {
            assert_eq!(value(text), expected, "{text}");
        }
    }

    #[test]
    fn statements() {
        assert_eq!(value("let x = 1; x = x + 41; x"), 42);
        assert_eq!(value("let x = 1; if x == 1 { let x = 5; x = 6; } x"), 1);
        assert_eq!(
            value("let x = 3; let y = 0; if x < 3 { y = 1; } else if x == 3 { y = 2; } else { y = 3; } y"),
            2
        );
        assert_eq!(
            value(
                "let i = 0; let s = 0; while i < 10 { i = i + 1; if i % 2 { continue; } if i > 8 { break; } s = s + i; } s"
            ),
            20
        );
        assert_eq!(outcome("print 1; print -2;"), (End::Halted(None), vec![1, -2]));
        assert_eq!(outcome("print 1; return 9; print 2;"), (End::Halted(Some(9)), vec![1]));
        assert_eq!(outcome("return;"), (End::Halted(None), vec![]));
        assert_eq!(outcome(""), (End::Halted(None), vec![]));
        assert_eq!(outcome("// nothing\n"), (End::Halted(None), vec![]));
        assert_eq!(outcome("while 1 && 0 { } 3").0, End::Halted(Some(3)));
        // Blocks give their variables back.
        let program = compile("if 1 { let a = 1; let b = 2; } if 1 { let c = 3; }", "", None).unwrap();
        assert_eq!(program.locals, 2);
    }

    #[test]
    fn functions() {
        assert_eq!(value("fn fact(n) { if n < 2 { return 1; } n * fact(n - 1) } fact(10)"), 3_628_800);
        assert_eq!(
            value("fn fib(n) { if n < 2 { return n; } return fib(n - 1) + fib(n - 2); } fib(20)"),
            6765
        );
        assert_eq!(
            value(
                "fn even(n) { if n == 0 { return 1; } odd(n - 1) } fn odd(n) { if n == 0 { return 0; } even(n - 1) } even(100)"
            ),
            1
        );
        assert_eq!(value("fn nothing() { } 5 + nothing()"), 5);
        assert_eq!(value("fn f(a, b,) { a - b } f(1, 2,)"), -1);
        assert_eq!(outcome("fn p(x) { print x; } p(3); p(4);"), (End::Halted(None), vec![3, 4]));
        let deep = "fn f(n) { f(n + 1) } f(0)";
        assert!(matches!(outcome(deep).0, End::Fault(Fault { kind: FaultKind::CallStackOverflow, .. })));
    }

    #[test]
    fn inputs_and_lines() {
        let text = "input n = 4;\ninput m = -1;\nlet x = n\n  + m;\nx";
        let program = compile(text, "a.bean", None).unwrap();
        assert_eq!(
            program.inputs.iter().map(|i| (i.name.as_str(), i.default)).collect::<Vec<_>>(),
            [("n", 4), ("m", -1)]
        );
        let v = verify(program).unwrap();
        assert_eq!(run(&v, &[10], Limits::default()).0, End::Halted(Some(9)));
        let lines: Vec<_> = v.instructions().iter().map(|i| v.program().line_at(i.offset)).collect();
        assert_eq!(lines, [3, 4, 4, 3, 5, 5].map(Some));
    }

    #[test]
    fn syntax_errors_say_what_was_expected() {
        assert_eq!(error("let x = ;"), "1:9 unexpected `;`: expected an expression");
        assert_eq!(error("let = 3;"), "1:5 unexpected `=`: expected a name");
        assert_eq!(error("1 + "), "1:5 unexpected the end of the text: expected an expression");
        assert_eq!(error("let x = 1\nprint x;"), "2:1 unexpected `print`: expected an operator or `;`");
        assert_eq!(error("print (1 + 2;"), "1:13 unexpected `;`: expected an operator or `)`");
        assert_eq!(error("if 1 print 2;"), "1:6 unexpected `print`: expected an operator or `{`");
        assert_eq!(
            error("let x = 1 @ 2;"),
            "1:11 unexpected character '@': no token of the language begins with this"
        );
        assert_eq!(error("fn f(x { }"), "1:8 unexpected `{`: expected `)` or `,`");
        assert_eq!(
            error("1 < 2 < 3"),
            "1:7 unexpected `<`: expected an operator, the end of the text or `;`"
        );
        assert!(error(&"(".repeat(1000)).starts_with("1:201 nested too deeply"));
        assert!(error("while 1 { fn f() { } }").contains("unexpected `fn`: expected"));
    }

    #[test]
    fn other_errors() {
        assert_eq!(error("y"), "1:1 there is no variable y: not known here");
        assert_eq!(error("let count = 1; cuont"), "1:16 there is no variable cuont: not known here");
        assert_eq!(
            error("let count = 1; coun"),
            "1:16 there is no variable coun: not known here [there is count]"
        );
        assert_eq!(
            error("y = 1;"),
            "1:1 there is no variable y: not known here [the first time, write let y = ...]"
        );
        assert_eq!(
            error("let k = 1; fn f() { k }"),
            "1:21 there is no variable k: not known here [k belongs to the main program; functions see only their own variables, so pass it as an argument]"
        );
        assert_eq!(
            error("fn f() { } f"),
            "1:12 there is no variable f: not known here [f is a function: call it as f(...)]"
        );
        assert_eq!(
            error("let x = 1; let x = 2;"),
            "1:16 x exists already in this block: to change it, leave out `let`"
        );
        assert_eq!(error("g(1);"), "1:1 there is no function g: not known");
        assert_eq!(error("fn f(a) { } f(1, 2);"), "1:13 f takes 1 argument: 2 given");
        assert_eq!(error("fn f() { } fn f() { }"), "1:15 two functions are called f: the second");
        assert_eq!(
            error("fn f(a, a) { }"),
            "1:9 a exists already in this block: to change it, leave out `let`"
        );
        assert_eq!(error("break;"), "1:1 break outside a loop: no `while` around this");
        assert_eq!(
            error("2147483648"),
            "1:1 the number does not fit 32 bits: numbers go from -2147483648 to 2147483647"
        );
        assert_eq!(
            error("-2147483649"),
            "1:2 the number does not fit 32 bits: numbers go from -2147483648 to 2147483647"
        );
        assert_eq!(
            error("99999999999999999999999"),
            "1:1 the number does not fit 32 bits: numbers go from -2147483648 to 2147483647"
        );
        assert_eq!(
            error("print 1; input n = 2;"),
            "1:16 inputs come before everything else: write it at the beginning of the text"
        );
        assert_eq!(error("input n = 1 + 1;"), "1:11 an input's default is a number: not a number");
        let e = compile("1 % 2", "", Some(InstructionSet::Expression)).unwrap_err().remove(0);
        assert_eq!(
            (e.message.as_str(), e.help.as_deref()),
            ("the expression set has no %", Some("the mini set has it: --set mini"))
        );
        for text in ["x", "f(1)", "1 < 2", "1 && 2", "!1", "print 1;", "fn f() { } 1"] {
            assert!(compile(text, "", Some(InstructionSet::Expression)).is_err(), "{text}");
        }
        // All errors are reported.
        assert_eq!(compile("a; b; c", "", None).unwrap_err().len(), 3);
    }

    #[test]
    fn long_chains_are_no_deep_recursion() {
        let sum = format!("1{}", " + 1".repeat(20_000));
        assert_eq!(value(&sum), 20_001);
        assert_eq!(value(&format!("{}5", "-".repeat(10_001))), -5);
        let ifs = format!("let x = 0; if x {{ }} {} else {{ x = 7; }} x", "else if x { }".repeat(3_000));
        assert_eq!(value(&ifs), 7);
        let nested = format!("{}1{}", "(".repeat(200), ")".repeat(200));
        assert_eq!(value(&nested), 1);
    }
}
