"""A JVM in a Python process by pyjnius, which finds it through JAVA_HOME."""
import jnius_config

jnius_config.add_options("-Xmx128m")
from jnius import JavaException, PythonJavaClass, autoclass, java_method

Stack = autoclass("java.util.Stack")
stack = Stack()
for i in range(100):
    stack.push("item %d" % i)
print(stack.pop(), stack.size())
String = autoclass("java.lang.String")
print(String("abc").toUpperCase())
Arrays = autoclass("java.util.Arrays")
print(Arrays.toString([3, 1, 2]))
try:
    autoclass("java.lang.Integer").parseInt("zz")
except JavaException as e:
    print(e.classname, e.innermessage)


class Backwards(PythonJavaClass):
    __javainterfaces__ = ["java/util/Comparator"]

    @java_method("(Ljava/lang/Object;Ljava/lang/Object;)I")
    def compare(self, a, b):
        return (b > a) - (b < a)


numbers = autoclass("java.util.ArrayList")()
for i in range(50):
    numbers.add(i * 37 % 101)
autoclass("java.util.Collections").sort(numbers, Backwards())
print([numbers.get(i) for i in range(5)])

