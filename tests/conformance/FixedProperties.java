package requires;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;

/**
 * Answers jtreg's {@code @requires} questions with the same values for every VM: OpenJDK's own class for that asks
 * HotSpot's internals. Yes to what an x86-64 server VM without special builds has, no to the rest.
 */
public class FixedProperties implements Callable<Map<String, String>> {
    private static final String[] YES = {
        "vm.jvmti", "vm.compiler1.enabled", "vm.compiler2.enabled", "vm.flagless", "vm.gc.G1", "vm.gc.Serial",
        "vm.gc.Parallel", "vm.opt.final.ClassUnloading", "vm.opt.final.UseCompressedOops",
        "vm.opt.final.ClassUnloadingWithConcurrentMark", "vm.opt.final.EliminateAllocations",
        "vm.opt.final.UseVectorizedMismatchIntrinsic", "vm.opt.final.UseVtableBasedCHA"};
    private static final String[] NO = {
        "vm.flightRecorder", "vm.debug", "vm.jvmci", "vm.jvmci.enabled", "vm.emulatedClient", "vm.hasSA", "vm.hasJFR",
        "vm.hasDTrace", "vm.rtm.cpu", "vm.rtm.compiler", "vm.cds", "vm.cds.custom.loaders",
        "vm.cds.write.archived.java.heap", "vm.graal.enabled", "container.support", "vm.musl", "jdk.containerized",
        "vm.gc.Shenandoah", "vm.gc.Epsilon", "vm.gc.Z", "vm.opt.final.EnableJVMCI", "vm.opt.final.UseLargePages"};

    @Override
    public Map<String, String> call() {
        Map<String, String> answers = new TreeMap<>(Map.of("vm.flavor", "server", "vm.compMode", "Xmixed",
            "vm.bits", "64", "vm.simpleArch", "x64", "vm.cpu.features", "", "vm.pageSize", "4096",
            "release.implementor", "Debian"));
        for (String name : YES) answers.put(name, "true");
        for (String name : NO) answers.put(name, "false");
        return answers;
    }
}
