//! What looks at a running VM from outside or from beside it: the attach mechanism (`jcmd`, `jstack`, `jmap`), agents
//! and their interface, JVMTI, and the file of performance data by which `jps` finds VMs.
//!
//! The kernel tells of events through [`caturra_kernel::runtime::tools`]; this crate fills its hooks.

mod agents;
mod attach;
pub mod jvmti;
mod perf_data;

pub use agents::{Agent, AgentKind};

use caturra_kernel::runtime::tools::ToolHooks;
use caturra_kernel::{Thread, Vm};
use jvmti::events;

/// What the tools keep of a VM.
#[derive(Default)]
pub(crate) struct State {
    attach: attach::Attach,
    agents: agents::Agents,
    jvmti: jvmti::Registry,
}

pub(crate) fn state(vm: &Vm) -> &State {
    let data = vm.tools.data.get_or_init(|| Box::new(State::default()));
    data.downcast_ref().expect("the tools' state is of one type")
}

/// Gives a new VM its tools.
pub fn install(vm: &Vm) {
    vm.tools.install(ToolHooks {
        attach_requested: attach::requested,
        load_agent: agents::load_late,
        data_dump: events::data_dump,
        class_file: events::class_file,
        class_loaded: events::class_loaded,
        class_prepared: events::class_prepared,
        thread_started: events::thread_started,
        thread_ending: events::thread_ending,
        vm_death,
    });
    vm.ending.at_end(|vm| {
        attach::close(vm);
        perf_data::remove();
    });
}

/// Starts the agents that the options name. The calling thread is not attached yet.
///
/// # Errors
/// Why the VM cannot start.
pub fn start_agents(vm: &'static Vm, agents: &[Agent]) -> Result<(), String> {
    jvmti::set_phase(vm, jvmti::types::PHASE_ONLOAD);
    let result = agents.iter().try_for_each(|agent| agents::load_early(vm, agent));
    jvmti::set_phase(vm, jvmti::types::PHASE_PRIMORDIAL);
    result
}

/// The module system is up: agents may call most functions.
pub fn vm_started(t: &Thread) {
    jvmti::set_phase(t.vm(), jvmti::types::PHASE_START);
    events::vm_start(t);
}

/// User code may run: agents begin.
pub fn vm_initialized(t: &Thread) {
    let vm = t.vm();
    jvmti::set_phase(vm, jvmti::types::PHASE_LIVE);
    perf_data::publish(vm);
    events::vm_init(t);
    if vm.options.start_attach_listener {
        attach::start(t);
    }
}

/// The VM is about to end: agents hear of it while Java code can still run.
fn vm_death(t: &Thread) {
    events::vm_death(t);
    jvmti::set_phase(t.vm(), jvmti::types::PHASE_DEAD);
    agents::unload(t.vm());
}
