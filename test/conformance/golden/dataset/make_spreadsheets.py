"""Makes the spreadsheets of this folder with openpyxl and XlsxWriter: `python test/conformance/golden/dataset/make_spreadsheets.py`."""
import datetime
import pathlib

import openpyxl
import xlsxwriter

HERE = pathlib.Path(__file__).parent
FIXED = datetime.datetime(2026, 1, 1)

# XlsxWriter stores strings in a shared table, and the result of each formula
book = xlsxwriter.Workbook(HERE / "shared.xlsx")
book.set_properties({"created": FIXED})
sheet = book.add_worksheet("Rows")
book.add_worksheet("Notes").write(0, 0, "not read")
book.add_worksheet("Hidden").hide()
day = book.add_format({"num_format": "yyyy-mm-dd"})
hour = book.add_format({"num_format": 'dd.mm.yyyy "um" hh:mm'})
percent = book.add_format({"num_format": "0.0%"})
sheet.write_row(0, 0, ["question", "answer", "asked", "at", "share", "ok"])
for row in range(1, 9):
    sheet.write_string(row, 0, f"question {row} é😀 <&>")
    sheet.write_string(row, 1, ["yes", "no"][row % 2])
    sheet.write_datetime(row, 2, datetime.datetime(2024, 3, row), day)
    sheet.write_datetime(row, 3, datetime.datetime(2024, 3, row, 9, 30), hour)
    sheet.write_number(row, 4, row / 8, percent)
    sheet.write_boolean(row, 5, row % 2 == 0)
sheet.write_rich_string(9, 0, "rich ", book.add_format({"bold": True}), "text")
sheet.write_formula(9, 1, '=CONCATENATE("y","es")', None, "yes")
sheet.write_string(12, 0, "after two empty rows\nand a line break")
sheet.write_string(12, 1, "no")
book.close()

# openpyxl stores strings in the cells of formulas it does not compute
book = openpyxl.Workbook()
book.properties.created = book.properties.modified = FIXED
sheet = book.active
sheet.append(["question", None, "answer"])
sheet.append(["one", 1, "=A2"])
sheet.append(["two", 2, "#N/A"])
sheet["C3"].data_type = "e"
sheet.append(["three", 3, "fine"])
book.save(HERE / "formulas.xlsx")
