resource "terraform_data" "a" {
  input = 1
}
resource "terraform_data" "r" {
  lifecycle {
    replace_triggered_by = [terraform_data.a.id]
  }
}
