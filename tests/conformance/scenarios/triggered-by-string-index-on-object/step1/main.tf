resource "terraform_data" "a" { input = { k = 1 } }
resource "terraform_data" "b" {
  lifecycle { replace_triggered_by = [terraform_data.a.input["k"]] }
}
