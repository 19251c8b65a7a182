package io.karipap.compress.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.karipap.compress.report.Svg.Point;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class SvgTest {

  private static final String HOSTILE = "<b a='1'>&\"</b></text>]]>\u0001\ud800";

  private static Document parsed(String svg) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
  }

  private static Element element(Document document, String name) {
    return (Element) document.getElementsByTagName(name).item(0);
  }

  @Test
  void whateverATextHoldsTheDrawingIsXml() throws Exception {
    Svg svg =
        Svg.file(100, 50, HOSTILE)
            .text(1, 2, HOSTILE, "class", HOSTILE)
            .titledCircle(3, 4, 5, HOSTILE)
            .group(HOSTILE)
            .end();
    Document document = parsed(svg.toString());
    // what XML has no character for becomes the sign of a missing one
    String shown = "<b a='1'>&\"</b></text>]]>\ufffd\ufffd";
    assertThat(element(document, "title").getTextContent()).isEqualTo(shown);
    assertThat(element(document, "text").getTextContent()).isEqualTo(shown);
    assertThat(element(document, "text").getAttribute("class")).isEqualTo(shown);
    assertThat(document.getElementsByTagName("b").getLength()).isZero();
  }

  @Test
  void coordinatesAreThoseGivenInEveryCountry() throws Exception {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.GERMANY);
      Svg svg =
          Svg.file(10, 20, "t")
              .line(new Point(0.25, 1), new Point(1234.56, -2))
              .polyline(List.of(new Point(0, 0.5), new Point(7, 8)));
      Document document = parsed(svg.toString());
      assertThat(element(document, "svg").getAttribute("viewBox")).isEqualTo("0 0 10 20");
      assertThat(element(document, "path").getAttribute("d")).isEqualTo("M0.3,1 L1234.6,-2");
      assertThat(element(document, "polyline").getAttribute("points")).isEqualTo("0,0.5 7,8");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void aDrawingInAPageIsDescribedToThoseWhoDoNotSeeIt() throws Exception {
    Element svg = element(parsed(Svg.inPage(360, 10.5, "Bytes by \"family\"").toString()), "svg");
    assertThat(svg.getAttribute("role")).isEqualTo("img");
    assertThat(svg.getAttribute("aria-label")).isEqualTo("Bytes by \"family\"");
    assertThat(svg.getAttribute("viewBox")).isEqualTo("0 0 360 10.5");
  }
}
