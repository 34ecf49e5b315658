/* The native half of JniTest.java. Output goes through JniTest.out, so that it is in order. */
#include <jni.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define E (*env)
#define P "JniTest$"
#define SIG "(ZBCSIJFDLjava/lang/Object;JDIFDDFDB)"
#define OBJ "Ljava/lang/Object;"
#define STR "Ljava/lang/String;"

static JavaVM *the_vm;
static jclass test_class; /* global */
static jmethodID out_id, describe_id;
static char on_load[200];

static void say(JNIEnv *env, const char *format, ...) {
    char text[2000];
    va_list l;
    va_start(l, format);
    vsnprintf(text, sizeof text, format, l);
    va_end(l);
    jstring s = E->NewStringUTF(env, text);
    E->CallStaticVoidMethod(env, test_class, out_id, s);
    E->DeleteLocalRef(env, s);
}

/* Prints and clears the pending exception. */
static void caught(JNIEnv *env, const char *what) {
    jthrowable t = E->ExceptionOccurred(env);
    if (t == NULL) {
        say(env, "%s: no exception", what);
        return;
    }
    E->ExceptionClear(env);
    say(env, "%s:", what);
    E->CallStaticVoidMethod(env, test_class, describe_id, t);
    E->DeleteLocalRef(env, t);
}

static const char *text(JNIEnv *env, jobject o) {
    static char buffers[8][1200];
    static int next;
    char *b = buffers[next++ & 7];
    if (o == NULL) return "null";
    jmethodID to_string = E->GetMethodID(env, E->FindClass(env, "java/lang/Object"), "toString", "()" STR);
    jstring s = (jstring) E->CallObjectMethod(env, o, to_string);
    if (E->ExceptionCheck(env)) { E->ExceptionClear(env); return "?"; }
    const char *u = E->GetStringUTFChars(env, s, NULL);
    snprintf(b, 1200, "%s", u);
    E->ReleaseStringUTFChars(env, s, u);
    E->DeleteLocalRef(env, s);
    return b;
}

JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM *vm, void *reserved) {
    JNIEnv *env;
    the_vm = vm;
    if ((*vm)->GetEnv(vm, (void **) &env, JNI_VERSION_10) != JNI_OK) return JNI_ERR;
    jclass c = E->FindClass(env, "JniTest");
    if (c == NULL) return JNI_ERR;
    test_class = E->NewGlobalRef(env, c);
    out_id = E->GetStaticMethodID(env, c, "out", "(" STR ")V");
    describe_id = E->GetStaticMethodID(env, c, "describe", "(Ljava/lang/Throwable;)V");
    snprintf(on_load, sizeof on_load, "OnLoad: reserved %p", reserved);
    return JNI_VERSION_10;
}

JNIEXPORT void JNICALL Java_JniTest_version(JNIEnv *env, jclass cls) {
    say(env, "%s", on_load);
    say(env, "version %#x", E->GetVersion(env));
    JavaVM *vm = NULL;
    jint got = E->GetJavaVM(env, &vm);
    say(env, "GetJavaVM %d %d", got, vm == the_vm);
    static const jint versions[] = {0x00010001, 0x00010002, 0x00010003, 0x00010004, 0x00010006, 0x00010008, 0x00090000,
                                    0x000a0000, 0x7fff0000, 0, -1};
    for (unsigned i = 0; i < sizeof versions / sizeof *versions; i++) {
        void *e = (void *) 1;
        jint r = (*vm)->GetEnv(vm, &e, versions[i]);
        say(env, "GetEnv %#x: %d %d", versions[i], r, e == (void *) env ? 1 : e == NULL ? 0 : 2);
    }
    void *e = NULL;
    got = (*vm)->AttachCurrentThread(vm, &e, NULL);
    say(env, "Attach attached: %d %d", got, e == (void *) env);
    e = NULL;
    got = (*vm)->AttachCurrentThreadAsDaemon(vm, &e, NULL);
    say(env, "AttachAsDaemon attached: %d %d", got, e == (void *) env);
    say(env, "Detach with frames: %d", (*vm)->DetachCurrentThread(vm));
}

JNIEXPORT void JNICALL Java_JniTest_classes(JNIEnv *env, jclass cls, jbyteArray file, jobject loader) {
    static const char *names[] = {"java/lang/String", "[I", "[[Ljava/lang/String;", "Ljava/lang/Object;", P "FoundByName",
                                  "[L" P "FoundByName;", "java.lang.String", "no/such/Class", "[Lno/such/Class;", "[Q", "int",
                                  "", "I", P "Failing", P "Failing"};
    say(env, "same class %d", E->IsSameObject(env, cls, test_class));
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        jclass c = E->FindClass(env, names[i]);
        if (c == NULL) caught(env, names[i]);
        else say(env, "FindClass %s: %s", names[i], text(env, c));
    }
    if (E->FindClass(env, NULL) == NULL) caught(env, "FindClass null");
    jclass string = E->FindClass(env, "java/lang/String"), object = E->FindClass(env, "java/lang/Object"),
           runnable = E->FindClass(env, "java/lang/Runnable"), ints = E->FindClass(env, "[I"),
           strings = E->FindClass(env, "[Ljava/lang/String;"), objects = E->FindClass(env, "[Ljava/lang/Object;"),
           derived = E->FindClass(env, P "Derived"), base = E->FindClass(env, P "Base"),
           greeter = E->FindClass(env, P "Greeter"), integer = E->FindClass(env, "java/lang/Integer");
    jclass prim = E->GetStaticObjectField(env, integer, E->GetStaticFieldID(env, integer, "TYPE", "Ljava/lang/Class;"));
    jclass wide = E->FindClass(env, "java/lang/Long");
    jclass jprim = E->GetStaticObjectField(env, wide, E->GetStaticFieldID(env, wide, "TYPE", "Ljava/lang/Class;"));
    jclass all[] = {string, object, runnable, ints, strings, objects, derived, base, greeter, prim, jprim};
    for (int i = 0; i < 11; i++) {
        char row[12] = {0};
        for (int k = 0; k < 11; k++) row[k] = '0' + E->IsAssignableFrom(env, all[i], all[k]);
        say(env, "%s super %s assignable %s", text(env, all[i]), text(env, E->GetSuperclass(env, all[i])), row);
    }
    jstring s = E->NewStringUTF(env, "s");
    say(env, "instance %d %d %d %d", E->IsInstanceOf(env, s, string), E->IsInstanceOf(env, s, object),
        E->IsInstanceOf(env, s, runnable), E->IsInstanceOf(env, NULL, runnable));
    say(env, "object class %s %s", text(env, E->GetObjectClass(env, s)), text(env, E->GetObjectClass(env, string)));
    say(env, "module %s %s %s", text(env, E->GetModule(env, string)), text(env, E->GetModule(env, ints)),
        E->IsSameObject(env, E->GetModule(env, cls), E->GetModule(env, derived)) ? "same" : "different");
    if (E->GetModule(env, s) == NULL) caught(env, "GetModule of an object");
    if (E->GetModule(env, NULL) == NULL) caught(env, "GetModule of null");
    jsize n = E->GetArrayLength(env, file);
    jbyte *bytes = E->GetByteArrayElements(env, file, NULL);
    jclass d = E->DefineClass(env, P "Initialized", loader, bytes, n);
    if (d == NULL) caught(env, "DefineClass");
    else say(env, "defined %s %d", text(env, d), E->IsSameObject(env, d, E->FindClass(env, P "Initialized")));
    if (E->DefineClass(env, P "Initialized", loader, bytes, n) == NULL) {
        jthrowable t = E->ExceptionOccurred(env);
        E->ExceptionClear(env);
        say(env, "again: %s", text(env, E->GetObjectClass(env, t)));
    }
    if (E->DefineClass(env, "Other", loader, bytes, n) == NULL) caught(env, "wrong name");
    if (E->DefineClass(env, NULL, loader, bytes, 10) == NULL) caught(env, "truncated");
    E->ReleaseByteArrayElements(env, file, bytes, JNI_ABORT);
}

JNIEXPORT void JNICALL Java_JniTest_methodIds(JNIEnv *env, jclass cls) {
    static const struct { const char *c, *n, *s; int is_static; } rows[] = {
        {P "Derived", "who", "()" STR, 0}, {P "Derived", "count", "(I)I", 0}, {P "Derived", "greet", "(" STR ")" STR, 0},
        {P "Derived", "hidden", "()" STR, 0}, {P "Derived", "toString", "()" STR, 0}, {P "Derived", "<init>", "()V", 0},
        {P "Derived", "<init>", "(" STR "ID)V", 0}, {P "Base", "<init>", "(" STR "ID)V", 0},
        {P "Greeter", "greet", "(" STR ")" STR, 0}, {P "Greeter", "toString", "()" STR, 0}, {P "Greeter", "stat", "()" STR, 1},
        {P "Derived", "stat", "()" STR, 1}, {P "Derived", "thrower", "(I)I", 1}, {P "Derived", "thrower", "(I)I", 0},
        {P "Derived", "who", "()" STR, 1}, {P "Derived", "who", "()V", 0}, {P "Derived", "noSuchMethodAtAll", "()V", 0},
        {"[I", "toString", "()" STR, 0}, {"[I", "clone", "()" OBJ, 0}, {"[I", "<init>", "()V", 0}, {"[Ljava/lang/String;", "who", "()" STR, 0},
        {"java/lang/Runnable", "run", "()V", 0}, {"java/lang/Runnable", "run", "()V", 1},
        {P "Failing", "toString", "()" STR, 0}, {P "Base", "<clinit>", "()V", 1}, {"java/util/ArrayList", "stream", "()Ljava/util/stream/Stream;", 0},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        jclass c = E->FindClass(env, rows[i].c);
        if (c == NULL) { caught(env, rows[i].c); continue; }
        jmethodID m = rows[i].is_static ? E->GetStaticMethodID(env, c, rows[i].n, rows[i].s) : E->GetMethodID(env, c, rows[i].n, rows[i].s);
        char what[200];
        snprintf(what, sizeof what, "%s.%s%s %d", rows[i].c, rows[i].n, rows[i].s, rows[i].is_static);
        if (m == NULL) caught(env, what);
        else say(env, "%s: found", what);
    }
    jclass integer = E->FindClass(env, "java/lang/Integer");
    jmethodID a = E->GetMethodID(env, integer, "toString", "()" STR);
    jmethodID b = E->GetMethodID(env, integer, "toString", "()" STR);
    say(env, "same id %d", a == b);
}

/* Calls every form of one result type. */
#define ARGS JNI_TRUE, (jbyte) -7, (jchar) 0xfffe, (jshort) -777, (jint) -77777, (jlong) -777777777777LL, (jfloat) 1.5f, \
    (jdouble) 2.25, o, (jlong) 0x123456789abcLL, (jdouble) -3.5, (jint) 0x7fffffff, (jfloat) -4.25f, (jdouble) 5.5, \
    (jdouble) 6.5, (jfloat) 7.5f, (jdouble) 8.5, (jbyte) 9

static void values(jvalue *v, jobject o) {
    memset(v, 0xee, 18 * sizeof *v);
    v[0].z = JNI_TRUE; v[1].b = -7; v[2].c = 0xfffe; v[3].s = -777; v[4].i = -77777; v[5].j = -777777777777LL; v[6].f = 1.5f;
    v[7].d = 2.25; v[8].l = o; v[9].j = 0x123456789abcLL; v[10].d = -3.5; v[11].i = 0x7fffffff; v[12].f = -4.25f; v[13].d = 5.5;
    v[14].d = 6.5; v[15].f = 7.5f; v[16].d = 8.5; v[17].b = 9;
}

#define FORMS(Type, ctype, letter, RET, format, show) \
    static ctype virtual##Type##V(JNIEnv *env, jobject r, jmethodID m, ...) { \
        va_list l; va_start(l, m); ctype x = E->Call##Type##MethodV(env, r, m, l); va_end(l); return x; } \
    static ctype nonvirtual##Type##V(JNIEnv *env, jobject r, jclass c, jmethodID m, ...) { \
        va_list l; va_start(l, m); ctype x = E->CallNonvirtual##Type##MethodV(env, r, c, m, l); va_end(l); return x; } \
    static ctype static##Type##V(JNIEnv *env, jclass c, jmethodID m, ...) { \
        va_list l; va_start(l, m); ctype x = E->CallStatic##Type##MethodV(env, c, m, l); va_end(l); return x; } \
    static void calls##Type(JNIEnv *env, jclass base, jobject b, jobject d) { \
        jvalue v[18]; jobject o = E->NewStringUTF(env, #Type); values(v, o); \
        jmethodID m = E->GetMethodID(env, base, "m" letter, SIG RET), t = E->GetStaticMethodID(env, base, "t" letter, SIG RET); \
        jobject receivers[2] = {b, d}; \
        for (int i = 0; i < 2; i++) { \
            ctype x = E->Call##Type##Method(env, receivers[i], m, ARGS); say(env, format, show(x)); \
            x = virtual##Type##V(env, receivers[i], m, ARGS); say(env, format, show(x)); \
            x = E->Call##Type##MethodA(env, receivers[i], m, v); say(env, format, show(x)); \
            x = E->CallNonvirtual##Type##Method(env, receivers[i], base, m, ARGS); say(env, format, show(x)); \
            x = nonvirtual##Type##V(env, receivers[i], base, m, ARGS); say(env, format, show(x)); \
            x = E->CallNonvirtual##Type##MethodA(env, receivers[i], base, m, v); say(env, format, show(x)); \
        } \
        ctype x = E->CallStatic##Type##Method(env, base, t, ARGS); say(env, format, show(x)); \
        x = static##Type##V(env, base, t, ARGS); say(env, format, show(x)); \
        x = E->CallStatic##Type##MethodA(env, base, t, v); say(env, format, show(x)); \
    }
#define SAME(x) (x)
#define TEXT(x) text(env, x)
FORMS(Boolean, jboolean, "Z", "Z", "= %d", SAME)
FORMS(Byte, jbyte, "B", "B", "= %d", SAME)
FORMS(Char, jchar, "C", "C", "= %d", SAME)
FORMS(Short, jshort, "S", "S", "= %d", SAME)
FORMS(Int, jint, "I", "I", "= %d", SAME)
FORMS(Long, jlong, "J", "J", "= %ld", SAME)
FORMS(Float, jfloat, "F", "F", "= %g", SAME)
FORMS(Double, jdouble, "D", "D", "= %g", SAME)
FORMS(Object, jobject, "L", OBJ, "= %s", TEXT)

static void virtualVoidV(JNIEnv *env, jobject r, jmethodID m, ...) {
    va_list l; va_start(l, m); E->CallVoidMethodV(env, r, m, l); va_end(l);
}
static void nonvirtualVoidV(JNIEnv *env, jobject r, jclass c, jmethodID m, ...) {
    va_list l; va_start(l, m); E->CallNonvirtualVoidMethodV(env, r, c, m, l); va_end(l);
}
static void staticVoidV(JNIEnv *env, jclass c, jmethodID m, ...) {
    va_list l; va_start(l, m); E->CallStaticVoidMethodV(env, c, m, l); va_end(l);
}
/* A va_list is not advanced by a call, so it serves twice. */
static void twice(JNIEnv *env, jclass c, jmethodID m, ...) {
    va_list l; va_start(l, m); E->CallStaticVoidMethodV(env, c, m, l); E->CallStaticVoidMethodV(env, c, m, l); va_end(l);
}

JNIEXPORT void JNICALL Java_JniTest_calls(JNIEnv *env, jclass cls, jobject b, jobject d) {
    jclass base = E->FindClass(env, P "Base"), derived = E->FindClass(env, P "Derived"), greeter = E->FindClass(env, P "Greeter");
    callsBoolean(env, base, b, d); callsByte(env, base, b, d); callsChar(env, base, b, d); callsShort(env, base, b, d);
    callsInt(env, base, b, d); callsLong(env, base, b, d); callsFloat(env, base, b, d); callsDouble(env, base, b, d);
    callsObject(env, base, b, d);
    jvalue v[18]; jobject o = NULL; values(v, o);
    jmethodID m = E->GetMethodID(env, base, "mV", SIG "V"), t = E->GetStaticMethodID(env, base, "tV", SIG "V");
    jobject receivers[2] = {b, d};
    for (int i = 0; i < 2; i++) {
        E->CallVoidMethod(env, receivers[i], m, ARGS); virtualVoidV(env, receivers[i], m, ARGS); E->CallVoidMethodA(env, receivers[i], m, v);
        E->CallNonvirtualVoidMethod(env, receivers[i], base, m, ARGS); nonvirtualVoidV(env, receivers[i], base, m, ARGS);
        E->CallNonvirtualVoidMethodA(env, receivers[i], base, m, v);
    }
    E->CallStaticVoidMethod(env, base, t, ARGS); staticVoidV(env, base, t, ARGS); E->CallStaticVoidMethodA(env, base, t, v);
    twice(env, base, t, ARGS);
    /* Selection: interface methods, defaults, private and final methods, a method of a superclass. */
    jmethodID count = E->GetMethodID(env, greeter, "count", "(I)I"), greet = E->GetMethodID(env, greeter, "greet", "(" STR ")" STR);
    say(env, "count %d %d %d", E->CallIntMethod(env, b, count, 5), E->CallIntMethod(env, d, count, 5),
        E->CallIntMethod(env, d, E->GetMethodID(env, base, "count", "(I)I"), 6));
    say(env, "nonvirtual count %d", E->CallNonvirtualIntMethod(env, d, base, E->GetMethodID(env, base, "count", "(I)I"), 6));
    say(env, "greet %s", text(env, E->CallObjectMethod(env, d, greet, E->NewStringUTF(env, "you"))));
    say(env, "hidden %s", text(env, E->CallObjectMethod(env, d, E->GetMethodID(env, derived, "hidden", "()" STR))));
    say(env, "fixed %s", text(env, E->CallObjectMethod(env, d, E->GetMethodID(env, derived, "fixed", "()" STR))));
    say(env, "who %s %s", text(env, E->CallObjectMethod(env, d, E->GetMethodID(env, base, "who", "()" STR))),
        text(env, E->CallNonvirtualObjectMethod(env, d, base, E->GetMethodID(env, base, "who", "()" STR))));
    say(env, "static of interface %s",
        text(env, E->CallStaticObjectMethod(env, greeter, E->GetStaticMethodID(env, greeter, "stat", "()" STR))));
    jclass ints = E->FindClass(env, "[I");
    jintArray array = E->NewIntArray(env, 3);
    jobject copy = E->CallObjectMethod(env, array, E->GetMethodID(env, ints, "clone", "()" OBJ));
    if (copy == NULL) caught(env, "clone");
    else say(env, "clone %d %d", E->GetArrayLength(env, copy), E->IsSameObject(env, copy, array));
    /* Exceptions and nulls. */
    jint r = E->CallStaticIntMethod(env, base, E->GetStaticMethodID(env, base, "thrower", "(I)I"), 3);
    say(env, "pending %d result %d", E->ExceptionCheck(env), r);
    caught(env, "thrower");
    E->CallIntMethod(env, NULL, count, 5);
    caught(env, "null receiver");
    jclass abstract = E->FindClass(env, "java/util/AbstractList");
    jmethodID get = E->GetMethodID(env, abstract, "get", "(I)" OBJ);
    jclass list = E->FindClass(env, "java/util/ArrayList");
    jobject l = E->NewObject(env, list, E->GetMethodID(env, list, "<init>", "()V"));
    E->CallNonvirtualObjectMethod(env, l, abstract, get, 0);
    caught(env, "abstract method");
}

static jobject newV(JNIEnv *env, jclass c, jmethodID m, ...) {
    va_list l; va_start(l, m); jobject o = E->NewObjectV(env, c, m, l); va_end(l); return o;
}

JNIEXPORT void JNICALL Java_JniTest_objects(JNIEnv *env, jclass cls) {
    jclass base = E->FindClass(env, P "Base");
    jmethodID init = E->GetMethodID(env, base, "<init>", "(" STR "ID)V"), init0 = E->GetMethodID(env, base, "<init>", "()V");
    jfieldID tag = E->GetFieldID(env, base, "tag", STR), i = E->GetFieldID(env, base, "i", "I");
    jstring s = E->NewStringUTF(env, "made");
    jvalue v[3]; v[0].l = s; v[1].i = 3; v[2].d = 4.5;
    say(env, "%s", text(env, E->GetObjectField(env, E->NewObject(env, base, init, s, 1, 2.5), tag)));
    say(env, "%s", text(env, E->GetObjectField(env, newV(env, base, init, s, 2, 3.5), tag)));
    say(env, "%s", text(env, E->GetObjectField(env, E->NewObjectA(env, base, init, v), tag)));
    say(env, "%s", text(env, E->GetObjectField(env, E->NewObject(env, base, init0), tag)));
    jobject raw = E->AllocObject(env, base);
    say(env, "alloc %s %d", text(env, E->GetObjectField(env, raw, tag)), E->GetIntField(env, raw, i));
    static const char *bad[] = {P "Abstract", P "Greeter", "java/lang/Class", "[I"};
    for (int k = 0; k < 3; k++) {
        jclass c = E->FindClass(env, bad[k]);
        if (E->AllocObject(env, c) == NULL) caught(env, bad[k]);
    }
    jclass abstract = E->FindClass(env, P "Abstract");
    if (E->NewObject(env, abstract, E->GetMethodID(env, abstract, "<init>", "()V")) == NULL) caught(env, "new Abstract");
    jclass integer = E->FindClass(env, "java/lang/Integer");
    jmethodID parse = E->GetMethodID(env, integer, "<init>", "(" STR ")V");
    if (E->NewObject(env, integer, parse, s) == NULL) caught(env, "new Integer");
}

JNIEXPORT void JNICALL Java_JniTest_fields(JNIEnv *env, jclass cls, jobject d) {
    jclass derived = E->GetObjectClass(env, d), base = E->GetSuperclass(env, derived), greeter = E->FindClass(env, P "Greeter");
#define FIELD(Type, name, sig, format, show, value) { \
        jfieldID f = E->GetFieldID(env, derived, name, sig); \
        say(env, name " " format, show(E->Get##Type##Field(env, d, f))); E->Set##Type##Field(env, d, f, value); \
        say(env, name " " format, show(E->Get##Type##Field(env, d, f))); }
#define STATIC(Type, name, sig, format, show, value) { \
        jfieldID f = E->GetStaticFieldID(env, derived, name, sig); \
        say(env, name " " format, show(E->GetStatic##Type##Field(env, derived, f))); E->SetStatic##Type##Field(env, base, f, value); \
        say(env, name " " format, show(E->GetStatic##Type##Field(env, base, f))); }
    FIELD(Boolean, "z", "Z", "%d", SAME, JNI_FALSE) FIELD(Byte, "b", "B", "%d", SAME, -128) FIELD(Char, "c", "C", "%d", SAME, 'D')
    FIELD(Short, "s", "S", "%d", SAME, 32767) FIELD(Int, "i", "I", "%d", SAME, -654321) FIELD(Long, "j", "J", "%ld", SAME, -(1L << 50))
    FIELD(Float, "f", "F", "%g", SAME, 9.75f) FIELD(Double, "d", "D", "%g", SAME, 1e100) FIELD(Object, "o", OBJ, "%s", TEXT, E->NewStringUTF(env, "new"))
    FIELD(Boolean, "vz", "Z", "%d", SAME, JNI_TRUE) FIELD(Byte, "vb", "B", "%d", SAME, -5) FIELD(Char, "vc", "C", "%d", SAME, 'V')
    FIELD(Short, "vs", "S", "%d", SAME, -6) FIELD(Int, "vi", "I", "%d", SAME, -7) FIELD(Long, "vj", "J", "%ld", SAME, -8)
    FIELD(Float, "vf", "F", "%g", SAME, -9.5f) FIELD(Double, "vd", "D", "%g", SAME, -10.5) FIELD(Object, "vo", OBJ, "%s", TEXT, NULL)
    STATIC(Boolean, "sz", "Z", "%d", SAME, JNI_TRUE) STATIC(Byte, "sb", "B", "%d", SAME, -11) STATIC(Char, "sc", "C", "%d", SAME, 'S')
    STATIC(Short, "ss", "S", "%d", SAME, -12) STATIC(Int, "si", "I", "%d", SAME, -13) STATIC(Long, "sj", "J", "%ld", SAME, -14)
    STATIC(Float, "sf", "F", "%g", SAME, -15.5f) STATIC(Double, "sd", "D", "%g", SAME, -16.5) STATIC(Object, "so", OBJ, "%s", TEXT, E->NewStringUTF(env, "set"))
    STATIC(Int, "svi", "I", "%d", SAME, -17)
    jfieldID z = E->GetFieldID(env, derived, "z", "Z");
    E->SetBooleanField(env, d, z, 2);
    say(env, "z set to 2: %d", E->GetBooleanField(env, d, z));
    E->SetBooleanField(env, d, z, 3);
    say(env, "z set to 3: %d", E->GetBooleanField(env, d, z));
    FIELD(Int, "secret", "I", "%d", SAME, 43) FIELD(Int, "shadowed", "I", "%d", SAME, 20)
    jfieldID hidden = E->GetFieldID(env, base, "shadowed", "I");
    E->SetIntField(env, d, hidden, 10);
    say(env, "interface %s", text(env, E->GetStaticObjectField(env, derived, E->GetStaticFieldID(env, derived, "GREETING", STR))));
    say(env, "interface %s", text(env, E->GetStaticObjectField(env, greeter, E->GetStaticFieldID(env, greeter, "GREETING", STR))));
    if (!E->GetFieldID(env, derived, "nope", "I")) caught(env, "nope");
    if (!E->GetFieldID(env, derived, "i", "J")) caught(env, "i J");
    if (!E->GetFieldID(env, derived, "si", "I")) caught(env, "si as instance");
    if (!E->GetStaticFieldID(env, derived, "i", "I")) caught(env, "i as static");
    if (!E->GetStaticFieldID(env, derived, "noSuchFieldAtAll", "I")) caught(env, "noSuchFieldAtAll");
    if (!E->GetFieldID(env, E->FindClass(env, "[I"), "length", "I")) caught(env, "length");
    jclass thread = E->FindClass(env, "java/lang/Class");
    if (!E->GetFieldID(env, thread, "klass", "I")) caught(env, "klass");
    jclass initialized = E->FindClass(env, P "Initialized");
    say(env, "x %d", E->GetStaticIntField(env, initialized, E->GetStaticFieldID(env, initialized, "x", "I")));
}

JNIEXPORT void JNICALL Java_JniTest_exceptions(JNIEnv *env, jclass cls) {
    jclass ise = E->FindClass(env, "java/lang/IllegalStateException"), error = E->FindClass(env, "java/lang/AssertionError"),
           oom = E->FindClass(env, "java/io/IOException");
    say(env, "none %d %d", E->ExceptionCheck(env), E->ExceptionOccurred(env) == NULL);
    E->ExceptionClear(env);
    E->ExceptionDescribe(env);
    E->ThrowNew(env, ise, "message \xc3\xa9 \xe2\x82\xac");
    caught(env, "ThrowNew");
    jint r = E->ThrowNew(env, ise, NULL);
    jboolean pending = E->ExceptionCheck(env);
    caught(env, "ThrowNew null");
    say(env, "returned %d pending %d", r, pending);
    E->ThrowNew(env, oom, "checked");
    jthrowable t = E->ExceptionOccurred(env);
    E->ExceptionClear(env);
    say(env, "cleared %d", E->ExceptionCheck(env));
    r = E->Throw(env, t);
    jthrowable u = E->ExceptionOccurred(env);
    pending = E->IsSameObject(env, t, u);
    E->ExceptionClear(env);
    say(env, "Throw %d same %d", r, pending);
    /* A pending exception stays while functions work; a new one takes its place. */
    E->ThrowNew(env, ise, "first");
    jstring s = E->NewStringUTF(env, "made with an exception pending");
    jclass c = E->FindClass(env, "java/util/BitSet");
    jmethodID m = E->GetMethodID(env, cls, "noSuchMethodAtAll", "()V");
    jthrowable second = E->ExceptionOccurred(env);
    E->ExceptionClear(env);
    say(env, "%s %s %d %s", text(env, s), text(env, c), m == NULL, text(env, E->GetObjectClass(env, second)));
    E->ThrowNew(env, ise, "first");
    E->DeleteLocalRef(env, E->NewStringUTF(env, "x"));
    jobject g = E->NewGlobalRef(env, s);
    E->DeleteGlobalRef(env, g);
    E->GetArrayLength(env, E->NewIntArray(env, 3));
    caught(env, "still first");
    E->ThrowNew(env, ise, "described");
    E->ExceptionDescribe(env);
    say(env, "after describe %d", E->ExceptionCheck(env));
    (void) error;
}

JNIEXPORT void JNICALL Java_JniTest_throwing(JNIEnv *env, jclass cls, jint how) {
    switch (how) {
        case 0: break;
        case 1: E->ThrowNew(env, E->FindClass(env, "java/lang/IllegalArgumentException"), "from C"); break;
        case 2: E->ThrowNew(env, E->FindClass(env, "java/io/IOException"), "checked from C"); break;
        case 3: {
            jclass base = E->FindClass(env, P "Base");
            E->CallStaticIntMethod(env, base, E->GetStaticMethodID(env, base, "thrower", "(I)I"), 33);
            break;
        }
        case 4: E->FindClass(env, "not/There"); break;
    }
}

static void units(JNIEnv *env, const char *what, const jchar *u, jsize n) {
    char hex[300] = "";
    for (jsize i = 0; i < n && i < 20; i++) sprintf(hex + strlen(hex), " %04x", u[i]);
    say(env, "%s%s", what, hex);
}
static void bytes(JNIEnv *env, const char *what, const char *u) {
    char hex[300] = "";
    for (size_t i = 0; u[i] && i < 24; i++) sprintf(hex + strlen(hex), " %02x", (unsigned char) u[i]);
    say(env, "%s%s", what, hex);
}

JNIEXPORT void JNICALL Java_JniTest_strings(JNIEnv *env, jclass cls, jobjectArray strings) {
    jsize n = E->GetArrayLength(env, strings);
    for (jsize i = 0; i < n; i++) {
        jstring s = E->GetObjectArrayElement(env, strings, i);
        jsize len = E->GetStringLength(env, s), utf = E->GetStringUTFLength(env, s);
        say(env, "length %d utf %d", len, utf);
        jboolean copy = 7;
        const jchar *c = E->GetStringChars(env, s, &copy);
        units(env, "chars", c, len);
        say(env, "copy %d end %d", copy, c[len]);
        jstring again = E->NewString(env, c, len);
        E->ReleaseStringChars(env, s, c);
        copy = 7;
        const char *u = E->GetStringUTFChars(env, s, &copy);
        bytes(env, "utf", u);
        say(env, "copy %d length %zu", copy, strlen(u));
        jstring from_utf = E->NewStringUTF(env, u);
        E->ReleaseStringUTFChars(env, s, u);
        jmethodID equals = E->GetMethodID(env, E->FindClass(env, "java/lang/Object"), "equals", "(" OBJ ")Z");
        say(env, "equal %d %d", E->CallBooleanMethod(env, s, equals, again), E->CallBooleanMethod(env, s, equals, from_utf));
        copy = 7;
        c = E->GetStringCritical(env, s, &copy);
        jchar sum = 0;
        for (jsize k = 0; k < len; k++) sum += c[k];
        E->ReleaseStringCritical(env, s, c);
        say(env, "critical sum %d copy %d", sum, copy);
        jchar region[8] = {1, 1, 1, 1, 1, 1, 1, 1};
        char utf_region[40];
        memset(utf_region, 'x', sizeof utf_region);
        if (len >= 4) {
            E->GetStringRegion(env, s, 2, len >= 7 ? 5 : 2, region);
            units(env, "region", region, 6);
            E->GetStringUTFRegion(env, s, 2, len >= 7 ? 5 : 2, utf_region);
            bytes(env, "utf region", utf_region);
        }
        E->GetStringUTFRegion(env, s, len, 0, utf_region);
        say(env, "empty region ends %d", utf_region[0]);
        E->GetStringRegion(env, s, 0, len + 1, region);
        caught(env, "region too long");
        E->GetStringUTFRegion(env, s, -1, 1, utf_region);
        caught(env, "negative start");
        E->GetStringRegion(env, s, 0, -1, region);
        caught(env, "negative length");
        E->GetStringRegion(env, s, len, 0, region);
        caught(env, "empty at the end");
    }
    say(env, "NewStringUTF null %d", E->NewStringUTF(env, NULL) == NULL);
    jstring four = E->NewStringUTF(env, "a\xc0\x80z");
    say(env, "embedded nul: length %d", E->GetStringLength(env, four));
    jchar empty[1];
    say(env, "empty %d", E->GetStringLength(env, E->NewString(env, empty, 0)));
}

#define ARRAYS(Type, ctype, format, name) static void arrays##Type(JNIEnv *env) { \
    ctype##Array a = E->New##Type##Array(env, 5); \
    jboolean copy = 7; \
    ctype *p = E->Get##Type##ArrayElements(env, a, &copy); \
    for (int i = 0; i < 5; i++) { if (p[i] != 0) say(env, "not zero"); p[i] = (ctype) (i * 3 + 1); } \
    ctype *q = E->Get##Type##ArrayElements(env, a, NULL); \
    say(env, #Type " %s copy %d second sees %d", text(env, E->GetObjectClass(env, a)), copy, q[1] == p[1]); \
    E->Release##Type##ArrayElements(env, a, q, JNI_ABORT); \
    E->Release##Type##ArrayElements(env, a, p, JNI_COMMIT); \
    ctype r[5]; \
    E->Get##Type##ArrayRegion(env, a, 0, 5, r); \
    say(env, format " " format " " format, r[0], r[2], r[4]); \
    p[0] = 0; \
    E->Release##Type##ArrayElements(env, a, p, 0); \
    p = E->Get##Type##ArrayElements(env, a, NULL); \
    p[4] = 0; \
    E->Release##Type##ArrayElements(env, a, p, JNI_ABORT); \
    r[0] = 1; r[1] = 0; \
    E->Set##Type##ArrayRegion(env, a, 1, 2, r); \
    memset(r, 0, sizeof r); \
    E->Get##Type##ArrayRegion(env, a, 0, 5, r); \
    say(env, format " " format " " format " " format " " format, r[0], r[1], r[2], r[3], r[4]); \
    E->Get##Type##ArrayRegion(env, a, 3, 3, r); caught(env, "beyond"); \
    E->Set##Type##ArrayRegion(env, a, -1, 2, r); caught(env, "before"); \
    E->Get##Type##ArrayRegion(env, a, 2, -1, r); caught(env, "negative"); \
    E->Set##Type##ArrayRegion(env, a, 2147483647, 1, r); caught(env, "overflow"); \
    E->Get##Type##ArrayRegion(env, a, 5, 0, r); caught(env, "empty at the end"); \
    ctype *crit = E->GetPrimitiveArrayCritical(env, a, &copy); \
    crit[3] = 1; ctype at1 = crit[1]; \
    E->ReleasePrimitiveArrayCritical(env, a, crit, 0); \
    E->Get##Type##ArrayRegion(env, a, 3, 1, r); \
    say(env, "critical " format " " format, at1, r[0]); \
    ctype##Array none = E->New##Type##Array(env, 0); \
    copy = 7; p = E->Get##Type##ArrayElements(env, none, &copy); \
    say(env, "empty %d %d %d", E->GetArrayLength(env, none), p != NULL, copy); \
    E->Release##Type##ArrayElements(env, none, p, 0); \
    if (E->New##Type##Array(env, -1) == NULL) caught(env, "size -1"); }
ARRAYS(Boolean, jboolean, "%d", "boolean")
ARRAYS(Byte, jbyte, "%d", "byte")
ARRAYS(Char, jchar, "%d", "char")
ARRAYS(Short, jshort, "%d", "short")
ARRAYS(Int, jint, "%d", "int")
ARRAYS(Long, jlong, "%ld", "long")
ARRAYS(Float, jfloat, "%g", "float")
ARRAYS(Double, jdouble, "%g", "double")

JNIEXPORT void JNICALL Java_JniTest_arrays(JNIEnv *env, jclass cls) {
    arraysBoolean(env); arraysByte(env); arraysChar(env); arraysShort(env);
    arraysInt(env); arraysLong(env); arraysFloat(env); arraysDouble(env);
}

JNIEXPORT jlong JNICALL Java_JniTest_sumCritical(JNIEnv *env, jclass cls, jintArray a, jbyteArray b) {
    jsize n = E->GetArrayLength(env, a), k = E->GetArrayLength(env, b);
    jint *x = E->GetPrimitiveArrayCritical(env, a, NULL);
    jbyte *y = E->GetPrimitiveArrayCritical(env, b, NULL);
    jlong sum = 0;
    for (jsize i = 0; i < n; i++) sum += x[i];
    for (jsize i = 0; i < k; i++) sum += y[i] * 1000L;
    E->ReleasePrimitiveArrayCritical(env, b, y, JNI_ABORT);
    E->ReleasePrimitiveArrayCritical(env, a, x, 0);
    return sum;
}

JNIEXPORT void JNICALL Java_JniTest_objectArrays(JNIEnv *env, jclass cls) {
    jclass string = E->FindClass(env, "java/lang/String"), object = E->FindClass(env, "java/lang/Object"), ints = E->FindClass(env, "[I"),
           strings = E->FindClass(env, "[Ljava/lang/String;");
    jstring s = E->NewStringUTF(env, "element");
    jobjectArray a = E->NewObjectArray(env, 3, string, s), o = E->NewObjectArray(env, 2, object, NULL),
                 aa = E->NewObjectArray(env, 2, ints, NULL), ss = E->NewObjectArray(env, 2, strings, a);
    say(env, "%s %s %s %s", text(env, E->GetObjectClass(env, a)), text(env, E->GetObjectClass(env, o)),
        text(env, E->GetObjectClass(env, aa)), text(env, E->GetObjectClass(env, ss)));
    say(env, "%d %s %d", E->GetArrayLength(env, a), text(env, E->GetObjectArrayElement(env, a, 2)),
        E->GetObjectArrayElement(env, o, 0) == NULL);
    E->SetObjectArrayElement(env, a, 1, NULL);
    E->SetObjectArrayElement(env, o, 1, a);
    E->SetObjectArrayElement(env, aa, 0, E->NewIntArray(env, 4));
    caught(env, "stores");
    say(env, "%d %d %d", E->GetObjectArrayElement(env, a, 1) == NULL, E->IsSameObject(env, a, E->GetObjectArrayElement(env, o, 1)),
        E->GetArrayLength(env, E->GetObjectArrayElement(env, aa, 0)));
    E->SetObjectArrayElement(env, a, 0, cls); caught(env, "store class to String[]");
    E->SetObjectArrayElement(env, aa, 0, s); caught(env, "store String to int[][]");
    E->SetObjectArrayElement(env, ss, 1, aa); caught(env, "store int[][] to String[][]");
    E->SetObjectArrayElement(env, a, 3, s); caught(env, "store at 3");
    E->SetObjectArrayElement(env, a, -1, s); caught(env, "store at -1");
    E->GetObjectArrayElement(env, a, 3); caught(env, "load at 3");
    E->GetObjectArrayElement(env, a, -1); caught(env, "load at -1");
    if (E->NewObjectArray(env, -5, string, s) == NULL) caught(env, "size -5");
    say(env, "empty %d", E->GetArrayLength(env, E->NewObjectArray(env, 0, string, s)));
}

JNIEXPORT void JNICALL Java_JniTest_references(JNIEnv *env, jclass cls, jobject argument) {
    jobject local = E->NewLocalRef(env, argument), global = E->NewGlobalRef(env, argument);
    jweak weak = E->NewWeakGlobalRef(env, argument);
    say(env, "types %d %d %d %d %d %d", E->GetObjectRefType(env, argument), E->GetObjectRefType(env, cls), E->GetObjectRefType(env, local),
        E->GetObjectRefType(env, global), E->GetObjectRefType(env, weak), E->GetObjectRefType(env, NULL));
    say(env, "same %d %d %d %d %d", E->IsSameObject(env, local, argument), E->IsSameObject(env, global, weak), E->IsSameObject(env, local, NULL),
        E->IsSameObject(env, NULL, NULL), E->IsSameObject(env, weak, NULL));
    jobject from_weak = E->NewLocalRef(env, weak), from_global = E->NewLocalRef(env, global);
    say(env, "from %d %d", E->IsSameObject(env, from_weak, argument), E->GetObjectRefType(env, from_global));
    E->DeleteLocalRef(env, local);
    E->DeleteLocalRef(env, NULL);
    E->DeleteGlobalRef(env, global);
    E->DeleteGlobalRef(env, NULL);
    E->DeleteWeakGlobalRef(env, weak);
    E->DeleteWeakGlobalRef(env, NULL);
    say(env, "null %d %d %d", E->NewLocalRef(env, NULL) == NULL, E->NewGlobalRef(env, NULL) == NULL, E->NewWeakGlobalRef(env, NULL) == NULL);
    say(env, "capacity %d %d %d %d", E->EnsureLocalCapacity(env, 0), E->EnsureLocalCapacity(env, 1000), E->EnsureLocalCapacity(env, -1),
        E->EnsureLocalCapacity(env, 65537));
    say(env, "push %d", E->PushLocalFrame(env, -1));
    say(env, "push %d", E->PushLocalFrame(env, 10));
    jobject inner = E->NewStringUTF(env, "survives");
    for (int i = 0; i < 5000; i++) E->NewLocalRef(env, argument);
    say(env, "nested push %d", E->PushLocalFrame(env, 5000));
    for (int i = 0; i < 5000; i++) E->NewLocalRef(env, argument);
    say(env, "pop null %d", E->PopLocalFrame(env, NULL) == NULL);
    jobject outer = E->PopLocalFrame(env, inner);
    say(env, "popped %s type %d", text(env, outer), E->GetObjectRefType(env, outer));
    jobject many[3000];
    for (int i = 0; i < 3000; i++) many[i] = E->NewGlobalRef(env, i % 2 ? argument : outer);
    int good = 0;
    for (int i = 0; i < 3000; i++) good += E->IsSameObject(env, many[i], i % 2 ? argument : outer);
    for (int i = 0; i < 3000; i++) E->DeleteGlobalRef(env, many[i]);
    say(env, "globals %d", good);
    jclass object = E->FindClass(env, "java/lang/Object"), system = E->FindClass(env, "java/lang/System");
    E->PushLocalFrame(env, 4);
    jweak w = E->NewWeakGlobalRef(env, E->AllocObject(env, object));
    E->PopLocalFrame(env, NULL);
    jmethodID gc = E->GetStaticMethodID(env, system, "gc", "()V");
    for (int i = 0; i < 20 && !E->IsSameObject(env, w, NULL); i++) {
        jobject garbage[64];
        for (int k = 0; k < 64; k++) garbage[k] = E->AllocObject(env, object);
        for (int k = 0; k < 64; k++) E->DeleteLocalRef(env, garbage[k]);
        E->CallStaticVoidMethod(env, system, gc);
    }
    say(env, "weak cleared %d, local of it %d", E->IsSameObject(env, w, NULL), E->NewLocalRef(env, w) == NULL);
    E->DeleteWeakGlobalRef(env, w);
}

JNIEXPORT void JNICALL Java_JniTest_monitors(JNIEnv *env, jclass cls, jobject lock) {
    jclass thread = E->FindClass(env, "java/lang/Thread");
    jmethodID holds = E->GetStaticMethodID(env, thread, "holdsLock", "(" OBJ ")Z");
    say(env, "enter %d %d", E->MonitorEnter(env, lock), E->MonitorEnter(env, lock));
    say(env, "holds %d", E->CallStaticBooleanMethod(env, thread, holds, lock));
    say(env, "exit %d", E->MonitorExit(env, lock));
    say(env, "holds %d", E->CallStaticBooleanMethod(env, thread, holds, lock));
    say(env, "exit %d", E->MonitorExit(env, lock));
    say(env, "holds %d", E->CallStaticBooleanMethod(env, thread, holds, lock));
    jint r = E->MonitorExit(env, lock);
    caught(env, "not owner");
    say(env, "returned %d", r);
    r = E->MonitorEnter(env, NULL);
    caught(env, "enter null");
    say(env, "returned %d", r);
    r = E->MonitorExit(env, NULL);
    caught(env, "exit null");
    say(env, "returned %d", r);
    E->MonitorEnter(env, lock);
    E->ThrowNew(env, E->FindClass(env, "java/lang/IllegalStateException"), "pending at exit");
    r = E->MonitorExit(env, lock);
    caught(env, "exit with exception");
    say(env, "returned %d holds %d", r, E->CallStaticBooleanMethod(env, thread, holds, lock));
}

JNIEXPORT void JNICALL Java_JniTest_reflection(JNIEnv *env, jclass cls, jobject m, jobject sm, jobject c, jobject f, jobject sf) {
    jclass base = E->FindClass(env, P "Base"), derived = E->FindClass(env, P "Derived");
    jmethodID mid = E->FromReflectedMethod(env, m), smid = E->FromReflectedMethod(env, sm), cid = E->FromReflectedMethod(env, c);
    jfieldID fid = E->FromReflectedField(env, f), sfid = E->FromReflectedField(env, sf);
    say(env, "ids %d %d %d %d %d", mid == E->GetMethodID(env, base, "who", "()" STR), smid == E->GetStaticMethodID(env, base, "thrower", "(I)I"),
        cid == E->GetMethodID(env, base, "<init>", "(" STR "ID)V"), fid == E->GetFieldID(env, base, "i", "I"),
        sfid == E->GetStaticFieldID(env, base, "si", "I"));
    say(env, "%s", text(env, E->ToReflectedMethod(env, base, mid, JNI_FALSE)));
    say(env, "%s", text(env, E->ToReflectedMethod(env, base, smid, JNI_TRUE)));
    say(env, "%s", text(env, E->ToReflectedMethod(env, base, cid, JNI_FALSE)));
    say(env, "%s", text(env, E->ToReflectedField(env, base, fid, JNI_FALSE)));
    say(env, "%s", text(env, E->ToReflectedField(env, base, sfid, JNI_TRUE)));
    jobject o = E->NewObject(env, derived, E->GetMethodID(env, derived, "<init>", "()V"));
    say(env, "%s %d", text(env, E->CallObjectMethod(env, o, mid)), E->GetIntField(env, o, fid));
    jmethodID equals = E->GetMethodID(env, E->FindClass(env, "java/lang/Object"), "equals", "(" OBJ ")Z");
    say(env, "equal %d %d", E->CallBooleanMethod(env, m, equals, E->ToReflectedMethod(env, base, mid, JNI_FALSE)),
        E->CallBooleanMethod(env, f, equals, E->ToReflectedField(env, base, fid, JNI_FALSE)));
}

static jint JNICALL registered(JNIEnv *env, jclass cls, jint n) { return n * 2 + 1; }
static jstring JNICALL registered_instance(JNIEnv *env, jobject self, jstring s) {
    char b[100];
    snprintf(b, sizeof b, "<%s>", text(env, s));
    return E->NewStringUTF(env, b);
}
JNIEXPORT jint JNICALL Java_JniTest_00024NativeHolder_dynamic(JNIEnv *env, jclass cls, jint n) { return n * 10; }

JNIEXPORT void JNICALL Java_JniTest_natives(JNIEnv *env, jclass cls) {
    jclass holder = E->FindClass(env, P "NativeHolder");
    JNINativeMethod good[] = {{"registered", "(I)I", registered}, {"registeredInstance", "(" STR ")" STR, registered_instance}};
    say(env, "RegisterNatives %d", E->RegisterNatives(env, holder, good, 2));
    JNINativeMethod unknown[] = {{"noSuchNativeAtAll", "(I)I", registered}}, mismatch[] = {{"registered", "(J)J", registered}},
                    bytecode[] = {{"notNative", "(I)I", registered}};
    jint r = E->RegisterNatives(env, holder, unknown, 1);
    caught(env, "unknown");
    say(env, "returned %d", r);
    r = E->RegisterNatives(env, holder, mismatch, 1);
    caught(env, "mismatch");
    say(env, "returned %d", r);
    r = E->RegisterNatives(env, holder, bytecode, 1);
    caught(env, "not native");
    say(env, "returned %d", r);
    say(env, "none %d", E->RegisterNatives(env, holder, good, 0));
}
JNIEXPORT void JNICALL Java_JniTest_unregister(JNIEnv *env, jclass cls, jclass c) {
    say(env, "UnregisterNatives %d", E->UnregisterNatives(env, c));
}

JNIEXPORT jstring JNICALL Java_JniTest_00024Overloads_over__I(JNIEnv *env, jclass cls, jint i) { return E->NewStringUTF(env, "over(int)"); }
JNIEXPORT jstring JNICALL Java_JniTest_00024Overloads_over__Ljava_lang_String_2_3J(JNIEnv *env, jclass cls, jstring s, jlongArray a) {
    return E->NewStringUTF(env, "over(String,long[])");
}
JNIEXPORT jstring JNICALL Java_JniTest_00024Overloads_under_1score(JNIEnv *env, jclass cls, jobjectArray a) { return E->NewStringUTF(env, "under_score"); }
JNIEXPORT jstring JNICALL Java_JniTest_00024Overloads__000fcml_04e2d(JNIEnv *env, jclass cls) { return E->NewStringUTF(env, "unicode"); }
static jboolean holds(JNIEnv *env, jobject o) {
    jclass thread = E->FindClass(env, "java/lang/Thread");
    return E->CallStaticBooleanMethod(env, thread, E->GetStaticMethodID(env, thread, "holdsLock", "(" OBJ ")Z"), o);
}
JNIEXPORT jboolean JNICALL Java_JniTest_00024Overloads_lockedInstance(JNIEnv *env, jobject self) { return holds(env, self); }
JNIEXPORT jboolean JNICALL Java_JniTest_00024Overloads_lockedStatic(JNIEnv *env, jclass cls) { return holds(env, cls); }

JNIEXPORT jobject JNICALL Java_JniTest_buffers(JNIEnv *env, jclass cls, jobject direct, jobject heap) {
    unsigned char *p = E->GetDirectBufferAddress(env, direct);
    jint value;
    memcpy(&value, p + 8, 4);
    say(env, "direct %d %ld", value, E->GetDirectBufferCapacity(env, direct));
    value++;
    memcpy(p + 8, &value, 4);
    say(env, "heap %d %ld", E->GetDirectBufferAddress(env, heap) == NULL, E->GetDirectBufferCapacity(env, heap));
    say(env, "not a buffer %d %ld", E->GetDirectBufferAddress(env, cls) == NULL, E->GetDirectBufferCapacity(env, cls));
    say(env, "null %ld", E->GetDirectBufferCapacity(env, NULL));
    char *memory = malloc(100);
    strcpy(memory, "hello");
    jobject made = E->NewDirectByteBuffer(env, memory, 100);
    say(env, "made %d %ld", E->GetDirectBufferAddress(env, made) == memory, E->GetDirectBufferCapacity(env, made));
    return made;
}
JNIEXPORT void JNICALL Java_JniTest_freeBuffer(JNIEnv *env, jclass cls, jobject b) {
    char *memory = E->GetDirectBufferAddress(env, b);
    say(env, "%s", memory);
    free(memory);
}

JNIEXPORT jstring JNICALL Java_JniTest_manyArguments(JNIEnv *env, jclass cls, jboolean z, jbyte b, jchar c, jshort s, jint i, jlong j, jfloat f,
        jdouble d, jobject o, jlong j2, jdouble d2, jint i2, jfloat f2, jdouble d3, jdouble d4, jfloat f3, jdouble d5, jbyte b2, jstring last) {
    char t[500];
    snprintf(t, sizeof t, "%d %d %d %d %d %ld %g %g %s %ld %g %d %g %g %g %g %g %d %s", z, b, c, s, i, j, f, d, text(env, o), j2, d2, i2, f2, d3,
             d4, f3, d5, b2, text(env, last));
    return E->NewStringUTF(env, t);
}
JNIEXPORT jstring JNICALL Java_JniTest_manyArgumentsInstance(JNIEnv *env, jobject self, jfloat f1, jdouble d1, jfloat f2, jdouble d2, jfloat f3,
        jdouble d3, jfloat f4, jdouble d4, jfloat f5, jdouble d5, jlong j1, jint i1, jlong j2, jint i2, jshort s, jboolean z) {
    char t[500];
    snprintf(t, sizeof t, "%d %g %g %g %g %g %g %g %g %g %g %ld %d %ld %d %d %d", E->IsInstanceOf(env, self, test_class), f1, d1, f2, d2, f3, d3, f4,
             d4, f5, d5, j1, i1, j2, i2, s, z);
    return E->NewStringUTF(env, t);
}
JNIEXPORT jboolean JNICALL Java_JniTest_returnBoolean(JNIEnv *env, jclass cls, jint n) { return (jboolean) n; }
JNIEXPORT jbyte JNICALL Java_JniTest_returnByte(JNIEnv *env, jclass cls, jint n) { return (jbyte) n; }
JNIEXPORT jchar JNICALL Java_JniTest_returnChar(JNIEnv *env, jclass cls, jint n) { return (jchar) n; }
JNIEXPORT jshort JNICALL Java_JniTest_returnShort(JNIEnv *env, jclass cls, jint n) { return (jshort) n; }
JNIEXPORT jfloat JNICALL Java_JniTest_returnFloat(JNIEnv *env, jclass cls, jint n) { return (jfloat) n / 2; }
JNIEXPORT jdouble JNICALL Java_JniTest_returnDouble(JNIEnv *env, jclass cls, jint n) { return (jdouble) n / 4; }
JNIEXPORT jlong JNICALL Java_JniTest_returnLong(JNIEnv *env, jclass cls, jint n) { return (jlong) n << 33; }
JNIEXPORT jobject JNICALL Java_JniTest_returnNull(JNIEnv *env, jclass cls) { return NULL; }

JNIEXPORT jint JNICALL Java_JniTest_down(JNIEnv *env, jclass cls, jint n) {
    static jmethodID recurse;
    if (!recurse) recurse = E->GetStaticMethodID(env, cls, "recurse", "(I)I");
    return E->CallStaticIntMethod(env, cls, recurse, n) + 1;
}

static void *attached(void *argument) {
    JNIEnv *env = NULL;
    long n = (long) argument;
    void *none = (void *) 1;
    jint before = (*the_vm)->GetEnv(the_vm, &none, JNI_VERSION_10);
    JavaVMAttachArgs args = {JNI_VERSION_10, n == 0 ? "named" : NULL, NULL};
    jint r = n % 2 ? (*the_vm)->AttachCurrentThreadAsDaemon(the_vm, (void **) &env, &args)
                   : (*the_vm)->AttachCurrentThread(the_vm, (void **) &env, n == 2 ? NULL : &args);
    if (before != JNI_EDETACHED || none != NULL || r != JNI_OK) return (void *) 1;
    jclass thread = E->FindClass(env, "java/lang/Thread"), group = E->FindClass(env, "java/lang/ThreadGroup");
    jclass mine = E->FindClass(env, "JniTest"); /* by the system loader: no Java method calls */
    if (!mine || !E->IsSameObject(env, mine, test_class)) return (void *) 2;
    jobject self = E->CallStaticObjectMethod(env, thread, E->GetStaticMethodID(env, thread, "currentThread", "()Ljava/lang/Thread;"));
    jobject name = E->CallObjectMethod(env, self, E->GetMethodID(env, thread, "getName", "()" STR));
    jboolean daemon = E->CallBooleanMethod(env, self, E->GetMethodID(env, thread, "isDaemon", "()Z"));
    jobject g = E->CallObjectMethod(env, self, E->GetMethodID(env, thread, "getThreadGroup", "()Ljava/lang/ThreadGroup;"));
    jobject gname = E->CallObjectMethod(env, g, E->GetMethodID(env, group, "getName", "()" STR));
    if (daemon != n % 2) return (void *) 3;
    for (int i = 0; i < 2000; i++) E->DeleteLocalRef(env, E->NewIntArray(env, 100));
    E->CallStaticVoidMethod(env, mine, E->GetStaticMethodID(env, mine, "attached", "(" STR "Z" STR ")V"), name, daemon, gname);
    if (E->ExceptionCheck(env)) return (void *) 4;
    if ((*the_vm)->DetachCurrentThread(the_vm) != JNI_OK || (*the_vm)->DetachCurrentThread(the_vm) != JNI_OK) return (void *) 5;
    return NULL;
}

JNIEXPORT void JNICALL Java_JniTest_attachThreads(JNIEnv *env, jclass cls, jint n) {
    pthread_t threads[64];
    for (long i = 0; i < n; i++) pthread_create(&threads[i], NULL, attached, (void *) i);
    long failures = 0;
    for (int i = 0; i < n; i++) {
        void *r;
        pthread_join(threads[i], &r);
        failures += (long) r;
    }
    say(env, "failures %ld", failures);
}
