resource "terraform_data" "a" {
  triggers_replace = { u = 2 }
  lifecycle { ignore_changes = [triggers_replace.t] }
}
