"""A sheet as a file: CSV, XLSX, paper. Pure: it knows neither the database nor a request.

escape: texts that no program takes for a formula; figures: cells as they are written;
about: where an export comes from; csv, xlsx, paper, pdf: the four ways out.
"""
