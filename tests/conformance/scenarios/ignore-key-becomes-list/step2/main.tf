resource "terraform_data" "a" {
  triggers_replace = ["x"]
  lifecycle { ignore_changes = [triggers_replace["x"]] }
}
