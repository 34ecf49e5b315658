/* A host program: makes a VM by the invocation API, calls it, attaches threads, destroys it.
 * Arguments: the path of libjvm.so, the class path. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <jni.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define E (*env)
#define STR "Ljava/lang/String;"

typedef jint (*create_fn)(JavaVM **, void **, void *);
typedef jint (*created_fn)(JavaVM **, jsize, jsize *);
typedef jint (*defaults_fn)(void *);

static JavaVM *vm;
static jclass invoked;
static jmethodID count_id;

static void fail(const char *what) {
    printf("FAILED: %s\n", what);
    exit(1);
}

static void print(JNIEnv *env, const char *what, jstring s) {
    const char *u = E->GetStringUTFChars(env, s, NULL);
    printf("%s: %s\n", what, u);
    E->ReleaseStringUTFChars(env, s, u);
}

static jint JNICALL callback(JNIEnv *env, jclass cls, jint n) {
    return n * 3;
}

static void *worker(void *argument) {
    long n = (long) argument;
    JNIEnv *env = (JNIEnv *) 1;
    if ((*vm)->GetEnv(vm, (void **) &env, JNI_VERSION_1_8) != JNI_EDETACHED || env != NULL) return "GetEnv before";
    for (int round = 0; round < 20; round++) {
        char name[40];
        snprintf(name, sizeof name, "attached %ld/%d", n, round);
        JavaVMAttachArgs args = {JNI_VERSION_1_8, name, NULL};
        jint r = n & 1 ? (*vm)->AttachCurrentThreadAsDaemon(vm, (void **) &env, &args) : (*vm)->AttachCurrentThread(vm, (void **) &env, &args);
        if (r != JNI_OK) return "attach";
        JNIEnv *again = NULL;
        if ((*vm)->GetEnv(vm, (void **) &again, JNI_VERSION_10) != JNI_OK || again != env) return "GetEnv";
        if ((*vm)->AttachCurrentThread(vm, (void **) &again, NULL) != JNI_OK || again != env) return "attach twice";
        jstring s = E->CallStaticObjectMethod(env, invoked, E->GetStaticMethodID(env, invoked, "self", "()" STR));
        const char *u = E->GetStringUTFChars(env, s, NULL);
        char want[200];
        snprintf(want, sizeof want, "%s daemon %s group main alive true loader false", name, n & 1 ? "true" : "false");
        int same = strcmp(u, want) == 0;
        if (!same) printf("self is \"%s\", not \"%s\"\n", u, want);
        E->ReleaseStringUTFChars(env, s, u);
        if (!same) return "self";
        for (int i = 0; i < 50; i++) E->CallStaticVoidMethod(env, invoked, count_id);
        /* A thread may leave with an exception pending, local references and a monitor. */
        E->MonitorEnter(env, s);
        if (round % 4 == 0) E->ThrowNew(env, E->FindClass(env, "java/lang/RuntimeException"), NULL);
        if (round % 4 == 0) E->ExceptionClear(env);
        E->MonitorExit(env, s);
        if ((*vm)->DetachCurrentThread(vm) != JNI_OK) return "detach";
        if ((*vm)->GetEnv(vm, (void **) &again, JNI_VERSION_10) != JNI_EDETACHED) return "GetEnv after";
    }
    return NULL;
}

static jobject global_group, global_thread;

static void *in_group(void *unused) {
    JNIEnv *env;
    JavaVMAttachArgs args = {JNI_VERSION_1_8, (char *) "in a group \xc3\xa9", global_group};
    if ((*vm)->AttachCurrentThread(vm, (void **) &env, &args) != JNI_OK) return "attach";
    print(env, "self", E->CallStaticObjectMethod(env, invoked, E->GetStaticMethodID(env, invoked, "self", "()" STR)));
    global_thread = E->NewGlobalRef(env, E->CallStaticObjectMethod(env, invoked, E->GetStaticMethodID(env, invoked, "current", "()Ljava/lang/Thread;")));
    return (*vm)->DetachCurrentThread(vm) == JNI_OK ? NULL : "detach";
}

static void *unnamed(void *unused) {
    JNIEnv *env;
    if ((*vm)->AttachCurrentThread(vm, (void **) &env, NULL) != JNI_OK) return "attach";
    print(env, "unnamed", E->CallStaticObjectMethod(env, invoked, E->GetStaticMethodID(env, invoked, "name", "()" STR)));
    return (*vm)->DetachCurrentThread(vm) == JNI_OK ? NULL : "detach";
}

static void run(void *(*f)(void *), const char *what) {
    pthread_t t;
    void *r;
    pthread_create(&t, NULL, f, NULL);
    pthread_join(t, &r);
    printf("%s: %s\n", what, r ? (char *) r : "ok");
}

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    setvbuf(stdout, NULL, _IONBF, 0);
    void *lib = dlopen(argv[1], RTLD_NOW | RTLD_GLOBAL);
    if (!lib) fail(dlerror());
    create_fn create = (create_fn) dlsym(lib, "JNI_CreateJavaVM");
    created_fn created = (created_fn) dlsym(lib, "JNI_GetCreatedJavaVMs");
    defaults_fn defaults = (defaults_fn) dlsym(lib, "JNI_GetDefaultJavaVMInitArgs");
    if (!create || !created || !defaults) fail("exports");

    JavaVMInitArgs init;
    static const jint versions[] = {0x00010001, JNI_VERSION_1_2, JNI_VERSION_1_4, JNI_VERSION_1_6, JNI_VERSION_1_8, JNI_VERSION_9, JNI_VERSION_10,
                                    0x00010003, 0x7fff0000};
    for (unsigned i = 0; i < sizeof versions / sizeof *versions; i++) {
        memset(&init, 0, sizeof init);
        init.version = versions[i];
        printf("GetDefaultJavaVMInitArgs %#x: %d\n", versions[i], defaults(&init));
    }
    jsize n = 77;
    JavaVM *known[2] = {NULL, NULL};
    jint r = created(known, 2, &n);
    printf("created before: %d %d\n", r, n);

    char class_path[4096];
    snprintf(class_path, sizeof class_path, "-Djava.class.path=%s", argv[2]);
    JavaVMOption options[4] = {{class_path, NULL}, {"-Dinvoked.property=set by the host", NULL}, {"-Xmx128m", NULL}, {"-Xnonsense", NULL}};
    init.version = JNI_VERSION_1_8;
    init.options = options;
    init.ignoreUnrecognized = JNI_TRUE;
    init.nOptions = 4;
    JNIEnv *env = NULL;
    r = create(&vm, (void **) &env, &init);
    printf("create: %d\n", r);
    if (r != JNI_OK) return 1;
    r = created(known, 2, &n);
    printf("created: %d %d %d\n", r, n, known[0] == vm);
    r = created(NULL, 0, &n);
    printf("created, no room: %d %d\n", r, n);
    JavaVM *second = NULL;
    JNIEnv *second_env = NULL;
    r = create(&second, (void **) &second_env, &init);
    printf("second: %d\n", r);
    printf("version %#x\n", E->GetVersion(env));

    invoked = E->FindClass(env, "Invoked");
    if (!invoked) fail("FindClass");
    invoked = E->NewGlobalRef(env, invoked);
    jmethodID main_id = E->GetStaticMethodID(env, invoked, "main", "([" STR ")V");
    jobjectArray args = E->NewObjectArray(env, 2, E->FindClass(env, "java/lang/String"), E->NewStringUTF(env, "one"));
    E->SetObjectArrayElement(env, args, 1, E->NewStringUTF(env, "two"));
    E->CallStaticVoidMethod(env, invoked, main_id, args);

    E->CallStaticVoidMethod(env, invoked, E->GetStaticMethodID(env, invoked, "fails", "()V"));
    printf("pending %d\n", E->ExceptionCheck(env));
    E->ExceptionDescribe(env);
    printf("pending %d\n", E->ExceptionCheck(env));
    if (!E->FindClass(env, "no/Such")) {
        jthrowable t = E->ExceptionOccurred(env);
        E->ExceptionClear(env);
        jclass object = E->FindClass(env, "java/lang/Object");
        print(env, "FindClass", E->CallObjectMethod(env, t, E->GetMethodID(env, object, "toString", "()" STR)));
    }
    print(env, "self", E->CallStaticObjectMethod(env, invoked, E->GetStaticMethodID(env, invoked, "self", "()" STR)));

    JNINativeMethod row = {"callback", "(I)I", (void *) callback};
    r = E->RegisterNatives(env, invoked, &row, 1);
    printf("RegisterNatives %d, callback %d\n", r, E->CallStaticIntMethod(env, invoked, E->GetStaticMethodID(env, invoked, "callback", "(I)I"), 14));

    count_id = E->GetStaticMethodID(env, invoked, "count", "()V");
    pthread_t threads[8];
    for (long i = 0; i < 8; i++) pthread_create(&threads[i], NULL, worker, (void *) i);
    jclass system = E->FindClass(env, "java/lang/System");
    jmethodID gc = E->GetStaticMethodID(env, system, "gc", "()V");
    for (int i = 0; i < 5; i++) E->CallStaticVoidMethod(env, system, gc);
    for (int i = 0; i < 8; i++) {
        void *result;
        pthread_join(threads[i], &result);
        if (result) fail(result);
    }
    printf("calls %d\n", E->GetStaticIntField(env, invoked, E->GetStaticFieldID(env, invoked, "calls", "I")));
    global_group = E->NewGlobalRef(env, E->CallStaticObjectMethod(env, invoked, E->GetStaticMethodID(env, invoked, "group", "()Ljava/lang/ThreadGroup;")));
    run(in_group, "in a group");
    printf("dead %d\n", E->CallStaticBooleanMethod(env, invoked, E->GetStaticMethodID(env, invoked, "threadDead", "(Ljava/lang/Thread;)Z"), global_thread));
    run(unnamed, "unnamed");

    /* The main thread leaves and comes back. */
    r = (*vm)->DetachCurrentThread(vm);
    printf("main detached %d\n", r);
    void *none = (void *) 1;
    r = (*vm)->GetEnv(vm, &none, JNI_VERSION_1_8);
    printf("GetEnv %d %d\n", r, none == NULL);
    JavaVMAttachArgs back = {JNI_VERSION_1_8, (char *) "main again", NULL};
    r = (*vm)->AttachCurrentThread(vm, (void **) &env, &back);
    printf("attached %d\n", r);
    print(env, "self", E->CallStaticObjectMethod(env, invoked, E->GetStaticMethodID(env, invoked, "self", "()" STR)));
    E->CallStaticVoidMethod(env, invoked, E->GetStaticMethodID(env, invoked, "startThreads", "()V"));
    r = (*vm)->DestroyJavaVM(vm);
    printf("destroyed %d\n", r);
    r = created(known, 2, &n);
    printf("created after: %d %d\n", r, n);
    return 0;
}
