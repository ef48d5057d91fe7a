resource "terraform_data" "a" { 
  lifecycle { ignore_changes = [triggers_replace] }
}
resource "terraform_data" "b" { 
  lifecycle { replace_triggered_by = [] }
}
resource "terraform_data" "c" { 
  lifecycle { replace_triggered_by = [terraform_data.t] }
}
