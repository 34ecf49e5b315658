#!/bin/bash
# programs.sh list | packages | NAME
#   list      the programs;  packages  the Debian packages they come from
#   NAME      runs it with $JAVA_HOME in the current directory (empty) and prints what does not depend on the VM
# ROOT is where the packages are unpacked. VM_OPTIONS goes to the VM. MEASURE is a command to run the VM with.
set -u
export LC_ALL=C.UTF-8
R=${ROOT:-}/usr/share J=${ROOT:-}/usr/share/java

j() { ${MEASURE:-} "$JAVA_HOME/bin/java" -Djava.awt.headless=true -Xmx768m ${VM_OPTIONS:-} "$@"; }
jars() { local all=; for f in "$@"; do for g in $J/$f; do [ -e "$g" ] && all=$all:$g; done; done; echo "${all#:}"; }
tree() { (cd "$1" && find . -type f | LC_ALL=C sort | xargs sha256sum | sha256sum); }
opens() { for p in lang util lang.invoke io net lang.reflect; do echo --add-opens java.base/java.$p=ALL-UNNAMED; done; }
sources() {
    mkdir -p src/p
    for n in $(seq 40); do
        cat > src/p/C$n.java <<EOF
package p;
import java.util.*;
import java.util.function.*;
import java.util.stream.*;
public sealed class C$n permits C$n.Sub {
    record R(int a, List<String> b) { R { if (a < 0) throw new IllegalArgumentException("a" + a); } }
    enum E { A { int f(int x) { return x + $n; } }, B { int f(int x) { return x * $n; } }; abstract int f(int x); }
    static final class Sub extends C$n { @Override <T extends Comparable<T>> T most(Collection<? extends T> c) { return Collections.max(c); } }
    <T extends Comparable<T>> T most(Collection<? extends T> c) { T m = null; for (T t : c) if (m == null || t.compareTo(m) > 0) m = t; return m; }
    static String s(Object o) { return o instanceof R r && r.a > 3 ? "r" + r.b : switch (String.valueOf(o)) { case "x", "y" -> "xy"; default -> { int k = 0; for (E e : E.values()) k += e.f(2); yield "" + k; } }; }
    static Map<Integer, Long> g(int n) { return IntStream.range(0, n).boxed().collect(Collectors.groupingBy(x -> x % 7, TreeMap::new, Collectors.counting())); }
    public static void main(String[] a) throws Exception { try (AutoCloseable c = () -> System.out.println("closed")) { Supplier<Supplier<String>> q = () -> () -> s(new R(5, List.of("z")));
        System.out.println(q.get().get() + s("x") + s(1) + g(50) + new Sub().most(List.of(3, 9, 2))); } }
}
EOF
    done
}

case ${1:-list} in
list) sed -n 's/^\([a-z][a-z0-9-]*\)) .*/\1/p' "$0" | grep -v '^list$\|^packages$';;
packages) echo ecj libeclipse-jdt-core-java ant antlr4 libtreelayout-java jflex cup clojure libspec-alpha-clojure libcore-specs-alpha-clojure groovy rhino bsh libh2-java libhsqldb-java libxalan2-java libxerces2-java sat4j maven libmaven-clean-plugin-java libmaven-resources-plugin-java libmaven-compiler-plugin-java libmaven-jar-plugin-java jtreg7;;
javac) sources; j -m jdk.compiler/com.sun.tools.javac.Main -nowarn -proc:none -d o src/p/*.java; tree o; j -cp o p.C7;;
javac-library) z=; for f in "$BASE_JDK/lib/src.zip" "${ROOT:-}/usr/lib/jvm/openjdk-17/lib/src.zip"; do [ -e "$f" ] && z=$f; done; mkdir s; (cd s && "$BASE_JDK/bin/jar" xf "$z" java.base/java/util); j -m jdk.compiler/com.sun.tools.javac.Main -nowarn -proc:none -XDignore.symbol.file --patch-module java.base=s/java.base -d o $(find s/java.base/java/util -maxdepth 1 -name '*.java') $(find s/java.base/java/util/{stream,function,concurrent} -name '*.java') 2> log; find o -name '*.class' | wc -l; tree o;;
javap) sources; "$BASE_JDK/bin/javac" -nowarn -d o src/p/*.java; cd o; j -m jdk.jdeps/com.sun.tools.javap.Main -c -p -v p/*.class | grep -v 'Classfile\|Last modified' | sha256sum;;
jar) sources; j -m jdk.jartool/sun.tools.jar.Main cf x.jar -C src .; j -m jdk.jartool/sun.tools.jar.Main tf x.jar | LC_ALL=C sort;;
jshell) printf 'int f(int n) { return n < 2 ? n : f(n-1) + f(n-2); }\nSystem.out.println(f(18))\nrecord P(int a, String b) {}\nvar l = Stream.of(3,1,2).map(x -> new P(x, "s" + x)).sorted(Comparator.comparing(P::a)).toList()\nSystem.out.println(l)\n/exit\n' | j -m jdk.jshell/jdk.internal.jshell.tool.JShellToolProvider --execution local -;;
ecj) sources; j -cp "$(jars 'eclipse-jdt-core.jar' 'org.eclipse*.jar' 'ecj.jar')" org.eclipse.jdt.internal.compiler.batch.Main -17 -nowarn -proc:none -d o src; tree o;;
ant) sources; printf '<project default="a"><target name="a"><mkdir dir="o"/><javac srcdir="src" destdir="o" includeantruntime="false" fork="false"/><jar destfile="a.jar" basedir="o"/><checksum todir="sums"><fileset dir="src"/></checksum><concat destfile="all"><fileset dir="src"/></concat></target></project>' > build.xml; j -cp "$(jars ant.jar ant-launcher.jar)" org.apache.tools.ant.launch.Launcher -q > log 2>&1; tree o; tree sums;;
antlr4) printf 'grammar E;\nprog: (stat ";")+ EOF;\nstat: ID "=" e | "print" e;\ne: e ("*"|"/") e | e ("+"|"-") e | "(" e ")" | ID | NUM;\nID: [a-z]+;\nNUM: [0-9]+;\nWS: [ \\n]+ -> skip;\n' | tr '"' "'" > E.g4; j -cp "$(jars 'antlr4*.jar' antlr3-runtime.jar 'stringtemplate4.jar' treelayout.jar javax.json.jar icu4j.jar)" org.antlr.v4.Tool -visitor -o o E.g4; tree o;;
jflex) printf '%%%%\n%%class L\n%%unicode\n%%int\nD=[0-9]+\nA=[:letter:]+\n%%%%\n{D} { return 1; }\n{A}({D}|_)* { return 2; }\n"/*" ~"*/" { return 3; }\n[^] { return 4; }\n' > l.flex; j -cp "$(jars jflex.jar 'java-cup*.jar' 'cup*.jar')" jflex.Main -q l.flex; grep -v -i 'generated\|on ' L.java | sha256sum;;
clojure) echo '(defn f [n] (if (< n 2) n (+ (f (- n 1)) (f (- n 2))))) (println (f 20)) (println (take 10 (sort-by - (map #(mod (* % 37) 101) (range 200))))) (println (reduce + (pmap inc (range 100)))) (defprotocol P (q [x])) (extend-type String P (q [x] (count x))) (println (q "abc") (try (/ 1 0) (catch ArithmeticException e (.getMessage e)))) (shutdown-agents)' > a.clj; j -cp "$(jars clojure-1.11.jar '*alpha*.jar')" clojure.main a.clj;;
groovy) echo 'def f(n) { n < 2 ? n : f(n-1) + f(n-2) }; println f(15); println((1..50).groupBy { it % 5 }.collectEntries { k, v -> [k, v.sum()] }); class A { def methodMissing(String n, args) { "m:$n" } }; println new A().hello(); println "${[1,2,3]*.multiply(2)}"' > a.groovy; j $(opens) -cp "$(jars groovy-all.jar 'groovy*.jar' antlr.jar 'asm*.jar' commons-cli.jar)" groovy.ui.GroovyMain a.groovy;;
rhino) echo 'function f(n) { return n < 2 ? n : f(n-1) + f(n-2) } print(f(20)); var o = {}; for (var i = 0; i < 5000; i++) o["k" + i % 97] = (o["k" + i % 97] || 0) + i; print(JSON.stringify(o).length); print([5,3,9].sort().map(function(x) { return x * 2 }), /(a+)(b)/.exec("xaab"))' > a.js; j -cp "$(jars rhino.jar)" org.mozilla.javascript.tools.shell.Main -opt 9 a.js; j -cp "$(jars rhino.jar)" org.mozilla.javascript.tools.shell.Main -opt -1 a.js;;
bsh) echo 'int f(int n) { return n < 2 ? n : f(n-1) + f(n-2); } print(f(14)); l = new ArrayList(); for (i = 0; i < 2000; i++) l.add(i * 7 % 101); Collections.sort(l); print(l.hashCode());' > a.bsh; j $(opens) -cp "$(jars bsh.jar)" bsh.Interpreter a.bsh;;
h2) { echo 'create table t(id int primary key, name varchar(50), v double); insert into t select x, concat($$n$$, mod(x, 100)), x * 0.5 from system_range(1, 20000); create index i on t(name);'; echo 'select name, count(*), sum(v) from t group by name order by 3 desc limit 10; update t set v = v + 1 where mod(id, 3) = 0; select a.name, avg(b.v) from t a join t b on a.id = b.id + 1 where a.id < 500 group by a.name order by a.name; delete from t where id > 100; select count(*) from t;'; } > a.sql; j -cp "$(jars h2.jar jts-core.jar slf4j-api.jar)" org.h2.tools.RunScript -url "jdbc:h2:$PWD/db" -user sa -script a.sql -showResults;;
hsqldb) printf 'import java.sql.*; public class D { public static void main(String[] a) throws Exception { try (Connection c = DriverManager.getConnection("jdbc:hsqldb:mem:d", "sa", ""); Statement s = c.createStatement()) { s.execute("create table t(i int primary key, n varchar(20))"); try (PreparedStatement p = c.prepareStatement("insert into t values(?, ?)")) { for (int i = 0; i < 5000; i++) { p.setInt(1, i); p.setString(2, "n" + i %% 13); p.addBatch(); } p.executeBatch(); } ResultSet r = s.executeQuery("select n, count(*), sum(i) from t group by n order by n"); while (r.next()) System.out.println(r.getString(1) + " " + r.getInt(2) + " " + r.getLong(3)); } } }' > D.java; "$BASE_JDK/bin/javac" D.java; j -cp "$(jars hsqldb.jar):." D;;
xalan) { echo '<l>'; for n in $(seq 400); do echo "<i k='$((n * 7 % 5))' v='$n'>t$n</i>"; done; echo '</l>'; } > a.xml; echo '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/"><o><xsl:for-each select="//i"><xsl:sort select="@k"/><xsl:sort select="@v" data-type="number" order="descending"/><e n="{position()}"><xsl:value-of select="concat(., count(preceding-sibling::i[@k = current()/@k]))"/></e></xsl:for-each></o></xsl:template></xsl:stylesheet>' > a.xsl; j -cp "$(jars xalan2.jar serializer.jar xercesImpl.jar xml-apis.jar)" org.apache.xalan.xslt.Process -IN a.xml -XSL a.xsl -OUT o; sha256sum < o;;
maven) sources; mkdir -p src/main/java src/main/resources; mv src/p src/main/java; echo 'version ${project.version}' > src/main/resources/a.txt; plugins=; for v in clean:3.2.0 resources:3.3.0 compiler:3.10.1 jar:3.3.0; do plugins="$plugins<plugin><artifactId>maven-${v%:*}-plugin</artifactId><version>${v#*:}</version><dependencies><dependency><groupId>org.codehaus.plexus</groupId><artifactId>plexus-utils</artifactId><version>2.x</version></dependency></dependencies></plugin>"; done; echo "<project><modelVersion>4.0.0</modelVersion><groupId>g</groupId><artifactId>a</artifactId><version>1.2</version><properties><maven.compiler.release>17</maven.compiler.release><project.build.sourceEncoding>UTF-8</project.build.sourceEncoding></properties><build><resources><resource><directory>src/main/resources</directory><filtering>true</filtering></resource></resources><plugins>$plugins</plugins></build></project>" > pom.xml; j -cp $R/maven/boot/plexus-classworlds-2.x.jar -Dclassworlds.conf=$R/maven/bin/m2.conf -Dmaven.home=$R/maven -Dmaven.multiModuleProjectDirectory="$PWD" -Duser.home="$PWD" org.codehaus.plexus.classworlds.launcher.Launcher -o -B -Dmaven.repo.local=$R/maven-repo clean compile jar:jar > log 2>&1; tree target/classes; cat target/classes/a.txt; "$BASE_JDK/bin/jar" tf target/a-1.2.jar | LC_ALL=C sort;;
sat4j) awk 'BEGIN { P = 7; H = 6; print "p cnf", P * H, P + H * P * (P - 1) / 2; for (p = 0; p < P; p++) { for (h = 1; h <= H; h++) printf "%d ", p * H + h; print 0 } for (h = 1; h <= H; h++) for (p = 0; p < P; p++) for (q = p + 1; q < P; q++) print -(p * H + h), -(q * H + h), 0 }' > a.cnf; j -cp "$(jars '*sat4j.core.jar')" org.sat4j.BasicLauncher a.cnf | grep '^[sv]';;
*) echo "no program $1" >&2; exit 2;;
esac
