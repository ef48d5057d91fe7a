resource "terraform_data" "a" {
  triggers_replace = { x = 1 }
  lifecycle { ignore_changes = [triggers_replace["x"]] }
}
