/* A VM is made, used and destroyed again and again in one process: recreate LIBJVM COUNT
 * Prints nothing but failures: a call that fails, a wrong result, or memory that grows by more than 5 % between the
 * VM after a warm-up and the last. Daemon threads that wait, sleep and spin are left behind in each VM. */
#include <dlfcn.h>
#include <jni.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define WARM_UP 4

static long resident_kib(void) {
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f || fscanf(f, "%*d %ld", &pages) != 1) abort();
    fclose(f);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void fail(int round, const char *what) {
    printf("round %d: %s\n", round, what);
    exit(1);
}

static void round_of(jint (*create)(JavaVM **, void **, void *), int round, char *class_path) {
    JavaVM *vm;
    JNIEnv *env;
    JavaVMOption options[] = {{"-Xmx64m", 0}, {class_path, 0}};
    JavaVMInitArgs args = {JNI_VERSION_10, 2, options, JNI_FALSE};
    if (create(&vm, (void **)&env, &args)) fail(round, "JNI_CreateJavaVM");
    jclass work = (*env)->FindClass(env, "Recreated");
    jmethodID run = work ? (*env)->GetStaticMethodID(env, work, "run", "(I)I") : 0;
    if (!run) fail(round, "no method");
    if ((*env)->CallStaticIntMethod(env, work, run, round) != 3 * round + 1) fail(round, "wrong result");
    if ((*vm)->DestroyJavaVM(vm)) fail(round, "DestroyJavaVM");
    // Hosts ask what has become of the VM when they clean up.
    void *gone = vm;
    if ((*vm)->GetEnv(vm, &gone, JNI_VERSION_1_8) != JNI_EDETACHED || gone) fail(round, "GetEnv of a VM that is gone");
    if ((*vm)->AttachCurrentThread(vm, &gone, 0) != JNI_ERR) fail(round, "AttachCurrentThread of a VM that is gone");
    jsize count = -1;
    jint (*created)(JavaVM **, jsize, jsize *) = dlsym(RTLD_DEFAULT, "JNI_GetCreatedJavaVMs");
    if (created && (created(&vm, 1, &count) || count)) fail(round, "still counted");
}

int main(int argc, char **argv) {
    static char class_path[4096];
    if (argc != 4) return 2;
    snprintf(class_path, sizeof class_path, "-Djava.class.path=%s", argv[3]);
    void *library = dlopen(argv[1], RTLD_NOW | RTLD_GLOBAL);
    if (!library) fail(0, dlerror());
    void *create = dlsym(library, "JNI_CreateJavaVM");
    if (!create) fail(0, dlerror());
    int rounds = atoi(argv[2]);
    long most_early = 0, last = 0;
    for (int i = 0; i < rounds; i++) {
        round_of(create, i, class_path);
        last = resident_kib();
        if (i < WARM_UP + 4 && last > most_early) most_early = last;
    }
    if (rounds > WARM_UP + 4 && last > most_early + most_early / 20) {
        printf("memory grows: %ld KiB, %ld KiB\n", most_early, last);
        return 1;
    }
    return 0;
}
