"""A JVM in a Python process by JPype: arrays, strings, callbacks, exceptions, threads of both sides."""
import sys
import threading

import jpype
import jpype.imports

jpype.startJVM(sys.argv[1], "-Xmx256m", "-Xss2m", convertStrings=True)
from java.lang import Integer, Runnable, StackOverflowError, System, Thread
from java.util import ArrayList, HashMap, TreeMap
from java.util.concurrent import Callable, Executors
from java.util.stream import Collectors, IntStream

t = TreeMap()
for i in range(2000):
    t.put("k%d" % i, jpype.JInt(i))
print(t.firstKey(), t.size(), IntStream.range(0, 1000).sum())


@jpype.JImplements("java.util.Comparator")
class Backwards:
    @jpype.JOverride
    def compare(self, a, b):
        return int(b) - int(a)

    @jpype.JOverride
    def equals(self, o):
        return self is o


numbers = ArrayList([jpype.JInt(i * 37 % 101) for i in range(300)])
numbers.sort(Backwards())
print(numbers.hashCode(), numbers.get(0), numbers.get(299))
doubles = jpype.JArray(jpype.JDouble)([i * 0.5 for i in range(1000)])
print(sum(doubles), len(doubles[10:20]))
text = "umlaut \u00e4, han \u4e2d, clef \U0001d11e"
print(HashMap({"k": text}).get("k") == text, len(jpype.JString(text)))
for bad in (lambda: Integer.parseInt("x"), lambda: ArrayList().get(3), lambda: jpype.JArray(jpype.JInt)(2)[5]):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, e)


@jpype.JImplements(Callable)
class Task:
    def __init__(self, n):
        self.n = n

    @jpype.JOverride
    def call(self):
        if self.n == 7:
            raise ValueError("seven")
        return jpype.JInt(self.n * self.n)


pool = Executors.newFixedThreadPool(3)
futures = [pool.submit(Task(n)) for n in range(10)]
results = []
for f in futures:
    try:
        results.append(int(f.get()))
    except Exception as e:
        results.append(type(e).__name__)
pool.shutdown()
print(results)
found = []


def worker(n):
    if not jpype.java.lang.Thread.isAttached():
        jpype.java.lang.Thread.attach()
    found.append(sum(int(x) for x in ArrayList([jpype.JInt(k) for k in range(n)])))
    jpype.java.lang.Thread.detach()


workers = [threading.Thread(target=worker, args=(n,)) for n in range(20)]
[w.start() for w in workers]
[w.join() for w in workers]
print(sorted(found))
System.gc()
jpype.shutdownJVM()
print("shut down")
