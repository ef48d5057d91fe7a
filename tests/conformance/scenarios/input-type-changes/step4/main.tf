resource "terraform_data" "a" {
  input = tolist([])
}
resource "terraform_data" "b" {
  input = {}
}
