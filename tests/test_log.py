from transfer_report.log import log, set_up_log


def test_lines_go_as_they_are_to_where_standard_error_leads_then(capsys):
    set_up_log()
    set_up_log()
    log.info("plan: %d conditions", 3)
    assert capsys.readouterr().err == "plan: 3 conditions\n"
