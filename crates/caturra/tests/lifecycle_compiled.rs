//! VMs that end while compiled code runs in them.

mod common;

use caturra::Vm;
use common::Scratch;

#[test]
fn compiled_code_that_catches_everything_leaves_when_the_vm_ends() {
    let Some(jdk) = common::jdk() else { return };
    let scratch = Scratch::new("spinning");
    let source = "public class Spin {
        static volatile int turns;
        static int work(int n) { return n * 31 + 7; }
        static void spin() {
            int n = 0;
            while (true) {
                try {
                    while (true) { n = work(n); turns++; }
                } catch (Throwable t) { n++; }
            }
        }
        public static void start() throws Exception {
            Thread thread = new Thread(Spin::spin);
            thread.setDaemon(true);
            thread.start();
            while (turns < 2_000_000) Thread.sleep(1);
        }
    }";
    scratch.compile(&jdk, "Spin.java", source);
    for mode in ["-Xmixed", "-Xcomp"] {
        for _ in 0..2 {
            let path = format!("-Djava.class.path={}", scratch.0.display());
            let vm = Vm::builder().java_home(&jdk.path).option(&path).option(mode).build().unwrap();
            let env = vm.attach().unwrap();
            env.load_class("Spin").unwrap().call_static::<()>(&env, "start", "()V", ()).unwrap();
            drop(env);
            let begun = std::time::Instant::now();
            vm.destroy();
            assert!(begun.elapsed().as_secs() < 8, "{mode}");
        }
    }
}
