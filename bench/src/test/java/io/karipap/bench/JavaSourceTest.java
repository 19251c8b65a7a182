package io.karipap.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.karipap.bench.JavaSource.Method;
import org.junit.jupiter.api.Test;

class JavaSourceTest {

  @Test
  void methodsAreToldFromTypesAndFields() {
    String source =
        """
        package a;

        import b.c;

        /** class of { braces. */
        @Tag(name = "{", all = {1, 2})
        public final class Outer<T extends Comparable<T>> {
          private static final int[] TABLE = {1, 2};
          private final Runnable run = () -> {
            go("}");
          };

          @Option(
              names = {"-o", "--class x {"},
              description = "record y")
          private int option;

          Outer(int a) {
            this.option = a; // }
          }

          record Inner(int x, char brace) {
            Inner {
              if (x < 0 || brace == '{') {
                throw new IllegalArgumentException(\"""
                    } " {
                    \""");
              }
            }
          }

          @Override
          public <S> int compare(
              S one, S other) throws Exception {
            return new Comparator<S>() {
              @Override
              public int compare(S a, S b) {
                return 0;
              }
            }.compare(one, other);
          }

          enum Kind {
            A,
            B;

            int number() { return 1; }
          }

          abstract int none();
        }
        """;
    assertThat(JavaSource.methods(source))
        .containsExactly(
            new Method("Outer(int a)", 3),
            new Method("Inner", 7),
            new Method("@Override public <S> int compare( S one, S other) throws Exception", 10),
            new Method("int number()", 1));
  }
}
