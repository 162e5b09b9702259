/** @file Builds small PDFs for tests. */

/** A line of a page: text, font size, and the baseline's distance from the page's lower edge. */
export type PdfTextLine = readonly [text: string, size: number, y: number];

/**
 * A PDF with these pages. A page without lines is empty.
 *
 * @param extra entries of the trailer, such as `/Encrypt 4 0 R`, and objects that they name
 * @source ISO 32000-1:2008, sections 7.5 (file structure), 7.7 (document structure), 9.4 (text)
 */
export function pdfBytes(
  pages: readonly (readonly PdfTextLine[])[],
  extra: { readonly trailer: string; readonly objects: readonly string[] } = { trailer: "", objects: [] },
): Uint8Array {
  const first = 4 + extra.objects.length;
  const kids = pages.map((_, at) => `${first + 2 * at} 0 R`).join(" ");
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ...extra.objects,
    ...pages.flatMap((lines, at) => {
      const drawn = lines
        .map(([text, size, y]) => `BT /F1 ${size} Tf 50 ${y} Td (${escaped(text)}) Tj ET`)
        .join("\n");
      const resources = "/Resources << /Font << /F1 3 0 R >> >> /MediaBox [0 0 600 800]";
      return [
        `<< /Type /Page /Parent 2 0 R ${resources} /Contents ${first + 2 * at + 1} 0 R >>`,
        `<< /Length ${drawn.length} >>\nstream\n${drawn}\nendstream`,
      ];
    }),
  ];
  let file = "%PDF-1.4\n";
  const offsets = objects.map((object, at) => {
    const offset = file.length;
    file += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(offset).padStart(10, "0")} 00000 n \n`;
  });
  const start = file.length;
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${offsets.join("")}`;
  file += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R ${extra.trailer} >>\nstartxref\n${start}\n%%EOF\n`;
  return Uint8Array.from(Buffer.from(file, "latin1"));
}

/** A PDF encrypted with an unknown password. */
export function lockedPdf(): Uint8Array {
  const hex = (byte: string): string => `<${byte.repeat(32)}>`;
  const encrypt = `<< /Filter /Standard /V 1 /R 2 /O ${hex("1a")} /U ${hex("2b")} /P -4 >>`;
  const id = "<0123456789abcdef0123456789abcdef>";
  return pdfBytes([[["Secret", 12, 700]]], {
    trailer: `/Encrypt 4 0 R /ID [${id} ${id}]`,
    objects: [encrypt],
  });
}

function escaped(text: string): string {
  return text.replaceAll(/[\\()]/g, (mark) => `\\${mark}`);
}
