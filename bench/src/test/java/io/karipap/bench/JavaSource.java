package io.karipap.bench;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The lengths of the methods in a source file, by counting braces. What stands in the body of a
 * type and has a body of its own is a type or a method: a constructor, an initializer and the body
 * of an enum's constant are methods, too. Methods of anonymous classes count with the method around
 * them.
 */
final class JavaSource {

  /** A method with its length in lines, from its first annotation or word to its last brace. */
  record Method(String declaration, int lines) {}

  private enum Block {
    TYPE,
    METHOD,
    OTHER
  }

  private static final Pattern SILENT =
      Pattern.compile(
          "(?s)/\\*.*?\\*/|//[^\n]*|\"\"\".*?(?<!\\\\)\"\"\"|\"(?:\\\\.|[^\"\\\\\n])*\"|'(?:\\\\.|[^'\\\\\n])+'");
  private static final Pattern TYPE =
      Pattern.compile("(?s).*\\b(?:class|interface|enum|record)\\s+\\w.*");

  private final String code;
  private final Deque<Block> blocks = new ArrayDeque<>();
  private final List<Method> methods = new ArrayList<>();
  private int begin;
  private int methodBegin;
  private String declaration = "";

  private JavaSource(String code) {
    this.code = code;
  }

  /** All methods of a file. */
  static List<Method> methods(String source) {
    // comments and literals are silent, but their lines count
    String code =
        SILENT
            .matcher(source)
            .replaceAll(match -> Matcher.quoteReplacement(match.group().replaceAll("[^\n]", " ")));
    JavaSource scan = new JavaSource(code);
    scan.run();
    return scan.methods;
  }

  private void run() {
    int parentheses = 0;
    for (int i = 0; i < code.length(); i++) {
      switch (code.charAt(i)) {
        case '(' -> parentheses++;
        case ')' -> parentheses--;
        case '{' -> open(i, parentheses > 0);
        case '}' -> close(i);
        case ';' -> begin = parentheses > 0 || !betweenMembers() ? begin : i + 1;
        default -> {}
      }
    }
  }

  private boolean betweenMembers() {
    return blocks.isEmpty() || blocks.peek() == Block.TYPE;
  }

  private void open(int at, boolean inParentheses) {
    if (!betweenMembers() || inParentheses) {
      blocks.push(Block.OTHER);
      return;
    }
    String header = code.substring(begin, at).strip();
    if (isType(header)) {
      blocks.push(Block.TYPE);
      begin = at + 1;
    } else if (withoutParentheses(header).contains("=")) {
      blocks.push(Block.OTHER); // a field's value
    } else {
      blocks.push(Block.METHOD);
      methodBegin = begin + code.substring(begin, at).indexOf(header);
      declaration = header.replaceAll("\\s+", " ");
    }
  }

  private static boolean isType(String header) {
    return TYPE.matcher(withoutParentheses(header)).matches();
  }

  /** Annotations and parameters may hold any word. */
  private static String withoutParentheses(String header) {
    String shorter = header;
    for (String before = ""; !before.equals(shorter); ) {
      before = shorter;
      shorter = shorter.replaceAll("\\([^()]*\\)", " ");
    }
    return shorter;
  }

  private void close(int at) {
    Block block = blocks.pop();
    if (block == Block.METHOD) {
      methods.add(new Method(declaration, (int) code.substring(methodBegin, at).lines().count()));
    }
    if (block != Block.OTHER) {
      begin = at + 1;
    }
  }
}
