resource "terraform_data" "a" {
  triggers_replace = { t = 1, u = 2 }
  lifecycle { ignore_changes = [triggers_replace.t] }
}
